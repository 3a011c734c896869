using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace AkkaWal.Manager.State;

/// <summary>
/// The logs of one actor system: the state that survives a restart of each manager, and the actor that answers
/// undelivered requests. The actor above a manager need not be the log's own, so the state is kept here, by the
/// manager's reference. A restart keeps path and uid; no two starts share them, even with the same Props. For any
/// number of threads; a <see cref="LogState"/> itself is for its manager alone.
/// </summary>
internal sealed class LogStates
{
    // By path and uid, since a later actor may have the same path.
    private readonly ConcurrentDictionary<string, (IActorRef Manager, LogState Log)> _byManager =
        new(StringComparer.Ordinal);
    private readonly IActorRef _undelivered;

    internal LogStates(ExtendedActorSystem system)
    {
        _undelivered = system.SystemActorOf(
            Props.Create<UndeliveredRequests>(this).WithDeploy(Deploy.Local), "akka-wal-undelivered");
        // Subscribed here and not at the actor's start, so that no dead letter of a log that stops at once is missed.
        system.EventStream.Subscribe(_undelivered, typeof(DeadLetter));
    }

    /// <summary>The number of logs that are open or refuse requests.</summary>
    internal int Count => _byManager.Count;

    /// <summary>The state that a manager had before a restart, or a new one.</summary>
    internal LogState Enter(IActorRef manager, Func<LogState> create)
    {
        var key = KeyOf(manager.Path);
        if (_byManager.TryGetValue(key, out var before)) return before.Log;
        var open = create();
        _byManager[key] = (manager, open);
        WalMetrics.Add(open.Metrics, () => open.Gauges);
        // The manager is watched, so that its end is noticed in any case.
        _undelivered.Tell(new UndeliveredRequests.Watch(manager), manager);
        return open;
    }

    /// <summary>A manager and all its children have stopped. Removes its state and closes what is open.</summary>
    internal void Leave(IActorRef manager)
    {
        if (!_byManager.TryRemove(KeyOf(manager.Path), out var open)) return;
        WalMetrics.Remove(open.Log.Metrics);
        open.Log.Dispose();
    }

    /// <summary>The manager above an actor; null if no running manager is above it.</summary>
    internal IActorRef? ManagerAbove(ActorPath path)
    {
        for (; path.Depth > 1; path = path.Parent)
            if (_byManager.TryGetValue(KeyOf(path.Parent), out var above)) return above.Manager;
        return null;
    }

    /// <summary>A log's metrics, by the path of its manager or of an actor below it.</summary>
    internal LogMetrics MetricsOf(ActorPath path)
    {
        for (; path.Depth > 0; path = path.Parent)
            if (_byManager.TryGetValue(KeyOf(path), out var log)) return log.Log.Metrics;
        return LogMetrics.OfNone;
    }

    /// <summary>The managers of the system's other logs.</summary>
    internal IEnumerable<IActorRef> Others(IActorRef manager) =>
        _byManager.Values.Select(log => log.Manager).Where(other => !other.Equals(manager));

    private static string KeyOf(ActorPath path) => path.ToStringWithUid();
}
