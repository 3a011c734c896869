using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Manager.Readers;

/// <summary>
/// Starts the actor that reads a damaged log, or a log whose last segment is damaged, when it is first needed. There is
/// at most one at a time. Owned by the manager.
/// </summary>
internal sealed class DamagedLogStarter(ManagerContext context)
{
    private IActorRef _actor = ActorRefs.Nobody;
    private (string Damage, bool OwnsLock) _startedFor;
    private int _count;

    /// <summary>The reader, started if there is none.</summary>
    /// <param name="damage">The damage, for the replies.</param>
    /// <param name="ownsLock">
    /// Whether the manager has the log's lock. Then the reader uses the directory that is already open.
    /// </param>
    internal IActorRef Start(string damage, bool ownsLock)
    {
        if (_startedFor != (damage, ownsLock)) LetGo();
        if (!_actor.IsNobody()) return _actor;
        _startedFor = (damage, ownsLock);
        var settings = context.Settings;
        var segmentFiles = ownsLock
            ? context.Directory.SegmentFiles with { LogId = Guid.Empty }
            : new SegmentFiles(context.State.Files, settings.Directory, Guid.Empty, settings.Options);
        var props = WalProps.Of<DamagedLogActor>("read", segmentFiles, ownsLock, settings, damage, context.Metrics);
        return _actor = context.Actor.Watch(context.Actor.ActorOf(props, $"damaged-{++_count}"));
    }

    /// <summary>Stops the reader, since the damage is repaired.</summary>
    internal void LetGo()
    {
        if (!_actor.IsNobody()) _actor.Tell(new Leave(), context.Self);
        _actor = ActorRefs.Nobody;
    }

    internal void NoteStopped(IActorRef stopped)
    {
        if (stopped.Equals(_actor)) _actor = ActorRefs.Nobody;
    }
}
