using Akka.Event;

namespace AkkaWal.Protocol;

/// <summary>
/// Asks to be told when a record can be read at an offset or behind it -> <see cref="RecordAwaited"/>. For whoever has
/// read everything and wants to go on without asking again and again. It costs the log one entry in memory.
/// </summary>
/// <param name="Offset">0 or more; usually the offset behind the last record that was read.</param>
/// <param name="RequestId">The request's id.</param>
/// <remarks>
/// At most <see cref="MostWaits"/> may wait for one log; more are refused as <see cref="FailureKind.Unavailable"/>, and
/// so is everybody who waits when the log is stopped, crashes or turns read-only.
/// </remarks>
public sealed record AwaitRecord(long Offset, long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>How many may wait for one log at a time.</summary>
    public const int MostWaits = 4096;

    /// <summary>The longest <see cref="MaxWait"/>.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>
    /// When to be answered at the latest, although there is no record; longer than zero and at most
    /// <see cref="LongestWait"/>. An asker that went away without a word takes its place for as long.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// The wait is over: there is a record, or the time is up, or the segment has rolled. The asker then asks again.
/// </summary>
/// <param name="NextOffset">
/// The end of what can be read. There is a record to read where it is higher than <see cref="AwaitRecord.Offset"/>.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordAwaited(long NextOffset, long RequestId)
    // A reader that went away while it waited is nothing to report.
    : LogReply(RequestId), IDeadLetterSuppression;
