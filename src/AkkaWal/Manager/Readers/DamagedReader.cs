using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Manager.Readers;

/// <summary>
/// The actor that serves what can be read of a damaged log, or of a log whose last segment is damaged: started when it
/// is first asked, one at a time. Owned by the manager.
/// </summary>
internal sealed class DamagedReader(ManagerContext context)
{
    private IActorRef _actor = ActorRefs.Nobody;
    private (string Damage, bool OwnsLock) _startedFor;
    private int _count;

    /// <summary>The reader.</summary>
    /// <param name="damage">What is wrong, which it tells its askers.</param>
    /// <param name="ownsLock">Whether the manager has the log's lock: then the directory that is open is read.</param>
    internal IActorRef Start(string damage, bool ownsLock)
    {
        if (_startedFor != (damage, ownsLock)) LetGo();
        if (!_actor.IsNobody()) return _actor;
        _startedFor = (damage, ownsLock);
        var settings = context.Settings;
        var segmentFiles = ownsLock
            ? context.Directory.SegmentFiles with { LogId = Guid.Empty }
            : new SegmentFiles(context.State.Files, settings.Directory, Guid.Empty, settings.Options);
        var props = WalProps.Of<DamagedLog>("read", segmentFiles, ownsLock, settings, damage, context.Metrics);
        return _actor = context.Actor.Watch(context.Actor.ActorOf(props, $"damaged-{++_count}"));
    }

    /// <summary>The log, or its last segment, is not damaged any more.</summary>
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
