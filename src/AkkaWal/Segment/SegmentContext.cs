using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;

namespace AkkaWal.Segment;

/// <summary>Shared by the parts of one segment's actor. For the thread that runs the actor.</summary>
/// <param name="memory">What survives the actor's restarts.</param>
/// <param name="settings">The log's.</param>
/// <param name="manager">The log's manager. It knows the other segments and counts pending bytes.</param>
/// <param name="self">The actor: the sender of the replies and the target of the timers' ticks.</param>
/// <param name="owner">The actor, for its timers: Akka.NET sets them after the constructor.</param>
/// <param name="log">For messages to operators.</param>
/// <param name="syncsInPlace">Limits the syncs on the actor's own thread.</param>
internal sealed class SegmentContext(
    SegmentMemory memory,
    WalSettings settings,
    IActorRef manager,
    IActorRef self,
    IWithTimers owner,
    ILoggingAdapter log,
    SyncsInPlace syncsInPlace)
{
    internal SegmentMemory Memory => memory;

    /// <summary>The log's metrics.</summary>
    internal LogMetrics Metrics => memory.Tail.Metrics;

    internal WalSettings Settings => settings;

    internal IActorRef Manager => manager;

    internal IActorRef Self => self;

    internal ITimerScheduler Timers => owner.Timers;

    internal ILoggingAdapter Log => log;

    internal SyncsInPlace SyncsInPlace => syncsInPlace;

    internal void TellManager(InternalMessage message) => manager.Tell(message, self);

    /// <summary>
    /// Answers that a request was not carried out, and subtracts its pending bytes from the manager's count.
    /// </summary>
    internal void Refuse(ILogMessage message, IActorRef sender, FailureKind kind, string reason) =>
        Requests.RefuseAndCredit(message, sender, kind, reason, manager, self, Metrics);
}
