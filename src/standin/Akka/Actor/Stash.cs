namespace Akka.Actor;

public interface IStash
{
    int Count { get; }

    bool IsEmpty { get; }

    bool NonEmpty { get; }

    void Stash();

    void Unstash();

    void UnstashAll();

    void UnstashAll(Func<Envelope, bool> predicate);

    IEnumerable<Envelope> ClearStash();

    void Prepend(IEnumerable<Envelope> envelopes);
}

public interface IActorStash
{
    IStash Stash { get; set; }
}

public interface IWithUnrestrictedStash : IActorStash
{
}

public interface IWithStash : IWithUnrestrictedStash
{
}

public interface IWithUnboundedStash : IWithUnrestrictedStash
{
}

public abstract class UntypedActorWithStash : UntypedActor, IWithStash
{
    public IStash Stash { get; set; }
}

/// <summary>Messages put aside; unstashed, they come before everything that is in the mailbox, in the order they came in.</summary>
internal sealed class StashImpl(ActorCell cell) : IStash
{
    private List<Envelope> _stashed = new();
    private long _lastEnvelope;

    public int Count => _stashed.Count;

    public bool IsEmpty => Count == 0;

    public bool NonEmpty => !IsEmpty;

    public void Stash()
    {
        if (_lastEnvelope == cell.CurrentEnvelopeId)
            throw new IllegalActorStateException($"{cell.CurrentMessage} is in the stash already");
        _lastEnvelope = cell.CurrentEnvelopeId;
        _stashed.Add(new Envelope(cell.CurrentMessage, cell.Sender));
    }

    public void Unstash()
    {
        if (IsEmpty)
            return;
        PutBack(_stashed[0]);
        _stashed.RemoveAt(0);
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    /// <summary>What the predicate refuses is dropped.</summary>
    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        for (var i = _stashed.Count - 1; i >= 0; i--)
        {
            if (predicate(_stashed[i]))
                PutBack(_stashed[i]);
        }

        _stashed.Clear();
    }

    public IEnumerable<Envelope> ClearStash()
    {
        var stashed = _stashed;
        _stashed = new List<Envelope>();
        return stashed;
    }

    public void Prepend(IEnumerable<Envelope> envelopes) => _stashed.InsertRange(0, envelopes);

    private void PutBack(in Envelope envelope)
    {
        cell.Mailbox.PostFirst(envelope);
        if (envelope.Message is Terminated terminated)
            cell.TerminatedQueuedFor(terminated.ActorRef, null);
    }
}
