using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Manager.State;

/// <summary>
/// The logs of one actor system: what of each outlives a restart of its manager, and who answers requests that reach no
/// actor. Nobody above a manager is the log's own, so that it is kept here, under the manager's reference: a restart
/// keeps path and uid, and no two starts share them, also where they come from one Props. For any number of threads; an
/// <see cref="LogState"/> itself is its manager's alone.
/// </summary>
internal sealed class LogStates
{
    // By path and uid: an actor that comes later may have the same path.
    private readonly ConcurrentDictionary<string, (IActorRef Manager, LogState Log)> _byManager =
        new(StringComparer.Ordinal);
    private readonly IActorRef _undelivered;

    internal LogStates(ExtendedActorSystem system)
    {
        _undelivered = system.SystemActorOf(
            Props.Create<UndeliveredRequests>(this).WithDeploy(Deploy.Local), "akka-wal-undelivered");
        // Here and not when it starts: a log that is stopped at once must not be gone before anybody listens.
        system.EventStream.Subscribe(_undelivered, typeof(DeadLetter));
    }

    /// <summary>How many logs are open, or refuse requests.</summary>
    internal int Count => _byManager.Count;

    /// <summary>What the life before left, or what the first one begins with.</summary>
    internal LogState Enter(IActorRef manager, Func<LogState> create)
    {
        var key = KeyOf(manager.Path);
        if (_byManager.TryGetValue(key, out var before)) return before.Log;
        var open = create();
        _byManager[key] = (manager, open);
        WalMetrics.Add(open.Metrics, () => open.Gauges);
        // Its end is noted also where it does not tell.
        _undelivered.Tell(new UndeliveredRequests.Watch(manager), manager);
        return open;
    }

    /// <summary>A manager has stopped, and all that it had started: nothing of the log is open from now on.</summary>
    internal void Leave(IActorRef manager)
    {
        if (!_byManager.TryRemove(KeyOf(manager.Path), out var open)) return;
        WalMetrics.Remove(open.Log.Metrics);
        open.Log.Dispose();
    }

    /// <summary>The manager that an actor works for; null where it is not below one that is running.</summary>
    internal IActorRef? ManagerAbove(ActorPath path)
    {
        for (; path.Depth > 1; path = path.Parent)
            if (_byManager.TryGetValue(KeyOf(path.Parent), out var above)) return above.Manager;
        return null;
    }

    /// <summary>What a log counts and measures, by its manager or an actor below that.</summary>
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
