using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;

namespace AkkaWal.Segment;

/// <summary>What the parts of one segment's actor have in common. For the thread that runs the actor.</summary>
/// <param name="memory">What outlives the actor's restarts.</param>
/// <param name="settings">The log's.</param>
/// <param name="manager">Who knows of the other segments, and counts pending bytes.</param>
/// <param name="self">The actor: who answers, and who gets its timers' ticks.</param>
/// <param name="owner">The actor as the holder of its timers, which Akka.NET sets after the constructor.</param>
/// <param name="log">For people.</param>
/// <param name="syncsInPlace">Bounds syncs on the actor's own thread.</param>
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

    /// <summary>What the log counts and measures.</summary>
    internal LogMetrics Metrics => memory.Tail.Metrics;

    internal WalSettings Settings => settings;

    internal IActorRef Manager => manager;

    internal IActorRef Self => self;

    internal ITimerScheduler Timers => owner.Timers;

    internal ILoggingAdapter Log => log;

    internal SyncsInPlace SyncsInPlace => syncsInPlace;

    internal void TellManager(InternalMessage message) => manager.Tell(message, self);

    /// <summary>
    /// Answers a request that it was not carried out, and gives its pending bytes back to the manager's count.
    /// </summary>
    internal void Refuse(ILogMessage message, IActorRef sender, FailureKind kind, string reason)
    {
        Requests.Refuse(message, sender, kind, reason, self, Metrics);
        if (Requests.PendingBytesOf(message) is > 0 and var bytes) TellManager(new Credit(bytes));
    }
}
