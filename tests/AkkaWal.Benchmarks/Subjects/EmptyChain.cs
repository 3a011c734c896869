using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>
/// The actors and messages of an append without the log behind them. A manager counts the pending bytes and forwards.
/// A segment sends itself a message, answers all that was in its mailbox before that message, and gives the bytes
/// back. It shows what the actor runtime alone costs.
/// </summary>
internal sealed class EmptyManager : UntypedActor
{
    private const int FrameHeaderBytes = 8;
    private IActorRef _segment = ActorRefs.Nobody;
    private long _pendingBytes;

    protected override void PreStart()
    {
        const string dispatcher = "akka-wal.commit-dispatcher";
        _segment = Context.ActorOf(Props.Create(() => new EmptySegment()).WithDispatcher(dispatcher));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Append append when _pendingBytes < long.MaxValue / 2:
                _pendingBytes += append.Payload.Length + FrameHeaderBytes;
                _segment.Tell(message, Sender);
                break;
            case EmptySegment.Credit credit:
                _pendingBytes -= credit.Bytes;
                break;
        }
    }
}

/// <summary>See <see cref="EmptyManager"/>.</summary>
internal sealed class EmptySegment : UntypedActor
{
    private readonly List<(IActorRef Sender, long RequestId)> _waiting = [];
    private long _next, _bytes;

    internal sealed record Credit(long Bytes);

    private sealed record Commit
    {
        internal static readonly Commit Instance = new();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Append append:
                if (_waiting.Count == 0) Self.Tell(Commit.Instance, Self);
                _waiting.Add((Sender, append.RequestId));
                _bytes += append.Payload.Length;
                break;
            case Commit:
                foreach (var (sender, id) in _waiting) sender.Tell(new Appended(_next++, id), Self);
                _waiting.Clear();
                Context.Parent.Tell(new Credit(_bytes), Self);
                _bytes = 0;
                break;
        }
    }
}

/// <summary>Answers each append at once: one message to it and one back are all that there is.</summary>
internal sealed class Echo : UntypedActor
{
    private long _next;

    protected override void OnReceive(object message)
    {
        if (message is Append append) Sender.Tell(new Appended(_next++, append.RequestId), Self);
    }
}
