using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;

namespace AkkaWal.Manager;

/// <summary>
/// The manager's access to the active segment. It forwards the requests that concern the tail, counts pending bytes,
/// and starts the successor at a roll (see <see cref="SegmentActor"/>). Owned by the manager.
/// </summary>
internal sealed class ActiveTail(ManagerContext context, SealedSegmentActors readers)
{
    /// <summary>The most requests that are held back during a roll. More are refused.</summary>
    private const int MaxHeldRequests = 1 << 16;

    private readonly HandOver _handOver = new();
    private IActorRef _active = ActorRefs.Nobody;

    private LogState State => context.State;

    /// <summary>Starts the actor of the active segment.</summary>
    internal void Start()
    {
        var directory = context.Directory;
        var memory = new SegmentMemory(directory.ActiveBase, State.Tail, State.IndexBudget, directory.ReadTailOnce());
        var props = WalProps.Of<SegmentActor>("commit", memory, directory.SegmentFiles, context.Settings, context.Self);
        _active = context.Actor.Watch(context.Actor.ActorOf(props, readers.NextName(memory.BaseOffset)));
        State.Begin(_active, memory);
    }

    /// <summary>Forwards an append, or refuses it if too many bytes are pending.</summary>
    internal void Append(LogRequest request, IActorRef sender)
    {
        var bytes = Requests.PendingBytesOf(request);
        var most = context.Settings.MaxPendingBytes;
        if (State.PendingBytes > 0 && State.PendingBytes + bytes > most)
        {
            var reason = $"{State.PendingBytes} bytes of appends are pending: at most {most} may be";
            context.Refuse(request, sender, reason);
        }
        else if (Forward(request, sender)) State.PendingBytes += bytes;
    }

    /// <summary>Forwards a message to the active segment, or holds it back during a hand-over.</summary>
    /// <returns>False if it was refused because too many are held back.</returns>
    internal bool Forward(ILogMessage message, IActorRef sender)
    {
        if (!_handOver.IsUnderWay) _active.Tell(message, sender);
        else if (_handOver.HeldCount < MaxHeldRequests) _handOver.Hold(message, sender);
        else
        {
            context.Refuse(message, sender, "too many requests wait for a segment to roll");
            return false;
        }
        return true;
    }

    /// <summary>Asks the active segment for its description, which a question about the whole log needs.</summary>
    internal void Describe(LogRequest request, IActorRef asker) => Forward(new DescribeTail(request, asker), asker);

    /// <summary>A segment is sealed. Starts its successor and sends it the successor's reference.</summary>
    /// <returns>
    /// Whether it was the active segment; false if it asks twice or if an earlier hand-over must end first.
    /// </returns>
    internal bool TryRoll(SegmentIsSealed rolled, IActorRef old)
    {
        var isActive = rolled.Sealed.BaseOffset == context.Directory.ActiveBase;
        // If an earlier hand-over has not ended, this roll waits: the old segment must still get the requests that are
        // held back.
        if (_handOver.IsUnderWay && isActive)
        {
            _handOver.Postpone(rolled, old);
            return false;
        }
        if (isActive)
        {
            context.Directory.NoteSealed(rolled.Sealed);
            readers.Adopt(rolled.Sealed, old);
            Start();
            _handOver.Begin(rolled.Sealed.BaseOffset, old);
        }
        // An actor that crashed during the roll asks twice.
        old.Tell(new SuccessorIs(_active), context.Self);
        return isActive;
    }

    /// <summary>The old segment has forwarded its held requests.</summary>
    /// <returns>The roll that waited for it, if there is one.</returns>
    internal (SegmentIsSealed Rolled, IActorRef Old)? EndHandOver(Drained drained) =>
        _handOver.IsOf(drained.BaseOffset) ? EndHandOver() : null;

    /// <summary>A segment's actor has stopped. If it was the active one, a new one is started.</summary>
    /// <returns>The roll that waited for it, if there is one.</returns>
    internal (SegmentIsSealed Rolled, IActorRef Old)? NoteStopped(IActorRef stopped)
    {
        if (stopped.Equals(_active))
        {
            context.Log.Warning("{0} was stopped: its segment is opened anew", stopped.Path);
            Start();
        }
        // The stopped actor has forwarded or refused its held requests.
        return _handOver.IsFrom(stopped) ? EndHandOver() : null;
    }

    internal void RefuseAll(string reason)
    {
        foreach (var (message, sender) in _handOver.End())
        {
            context.Refuse(message, sender, reason);
            State.PendingBytes -= Requests.PendingBytesOf(message);
        }
    }

    private (SegmentIsSealed Rolled, IActorRef Old)? EndHandOver()
    {
        readers.NoteHandedOver();
        foreach (var (message, sender) in _handOver.End()) _active.Tell(message, sender);
        return _handOver.RemovePostponed();
    }
}
