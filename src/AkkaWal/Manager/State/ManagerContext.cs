using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Serialization;
using AkkaWal.Storage.Catalog;

namespace AkkaWal.Manager.State;

/// <summary>What the parts of one log's manager have in common. For the thread that runs the manager.</summary>
/// <param name="actor">The manager's own context: it starts and watches children.</param>
/// <param name="logs">The logs of the actor system.</param>
/// <param name="state">What outlives the manager's restarts.</param>
internal sealed class ManagerContext(IUntypedActorContext actor, LogStates logs, LogState state)
{
    internal IUntypedActorContext Actor => actor;

    internal IActorRef Self => actor.Self;

    internal LogState State => state;

    /// <summary>What the log counts and measures.</summary>
    internal LogMetrics Metrics => state.Metrics;

    internal WalSettings Settings => state.Settings;

    /// <summary>The catalog, while the log is open.</summary>
    internal LogDirectory Directory => state.Directory;

    /// <summary>What one message to another node may hold.</summary>
    internal RemoteFrame Frame { get; } = RemoteFrame.Of(actor.System);

    internal ILoggingAdapter Log { get; } = Logging.GetLogger(actor);

    /// <summary>The managers of the system's other logs.</summary>
    internal IEnumerable<IActorRef> OtherManagers => logs.Others(Self);

    /// <summary>Answers a request that it was not carried out; nothing where nobody asked.</summary>
    internal void Refuse(
        ILogMessage message, IActorRef sender, string reason, FailureKind kind = FailureKind.Unavailable) =>
        Requests.Refuse(message, sender, kind, reason, Self, Metrics);
}
