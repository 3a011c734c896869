using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Serialization;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;

namespace AkkaWal.Manager.State;

/// <summary>Shared by the parts of one log's manager. For the thread that runs the manager.</summary>
/// <param name="actor">The manager's own context: it starts and watches children.</param>
/// <param name="logs">The logs of the actor system.</param>
/// <param name="state">The state that survives the manager's restarts.</param>
internal sealed class ManagerContext(IUntypedActorContext actor, LogStates logs, LogState state)
{
    // How long an ownership check is good for a request that promises nothing about the log's records.
    private static readonly TimeSpan OwnedFor = TimeSpan.FromSeconds(1);

    // The time of the last check that found the log to be this process's.
    private long? _ownedAt;

    internal IUntypedActorContext Actor => actor;

    internal IActorRef Self => actor.Self;

    internal LogState State => state;

    /// <summary>The log's metrics.</summary>
    internal LogMetrics Metrics => state.Metrics;

    internal WalSettings Settings => state.Settings;

    /// <summary>The catalog, while the log is open.</summary>
    internal LogDirectory Directory => state.Directory;

    /// <summary>The size limit of a message to another node.</summary>
    internal RemoteFrame Frame { get; } = RemoteFrame.Of(actor.System);

    internal ILoggingAdapter Log { get; } = Logging.GetLogger(actor);

    /// <summary>The managers of the system's other logs.</summary>
    internal IEnumerable<IActorRef> OtherManagers => logs.Others(Self);

    /// <summary>Checks, on storage that machines share, whether the open log is still this process's.</summary>
    /// <returns>Why it is not, or why that can't be told; null if it is.</returns>
    internal WalIOException? WhyNotOwned() => Directory.SegmentFiles.WhyLost();

    /// <summary>As <see cref="WhyNotOwned"/>, but a log that was this process's a moment ago still is.</summary>
    /// <remarks>
    /// The check reads the file system, on the manager's thread, and shared storage may take long to answer. So it must
    /// not be made for each of many requests.
    /// </remarks>
    internal WalIOException? WhyNotOwnedLately()
    {
        var clock = Settings.Options.Clock;
        if (_ownedAt is { } at && clock.GetElapsedTime(at) < OwnedFor) return null;
        var why = WhyNotOwned();
        _ownedAt = why is null ? clock.GetTimestamp() : null;
        return why;
    }

    /// <summary>Answers that a request was not carried out. Does nothing if the message needs no reply.</summary>
    internal void Refuse(
        ILogMessage message, IActorRef sender, string reason, FailureKind kind = FailureKind.Unavailable) =>
        Requests.Refuse(message, sender, kind, reason, Self, Metrics);
}
