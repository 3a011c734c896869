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
    /// <see cref="LongestWait"/>. An asker that goes away without a <see cref="CancelWait"/> takes its place for as
    /// long.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// The wait is over: there is a record, or the time is up, or the segment has rolled, or the asker cancelled it. An
/// asker that still wants the record asks again.
/// </summary>
/// <param name="NextOffset">
/// The end of what can be read. There is a record to read where it is higher than <see cref="AwaitRecord.Offset"/>.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordAwaited(long NextOffset, long RequestId)
    // A reader that went away while it waited is nothing to report.
    : LogReply(RequestId), IDeadLetterSuppression;

/// <summary>
/// Ends the waits for a record that the same sender asked for before, under an id: each is answered by
/// <see cref="RecordAwaited"/> now, and takes no place any more -> <see cref="WaitCancelled"/>, also where none waits.
/// </summary>
/// <param name="WaitId">The <see cref="LogRequest.RequestId"/> of the <see cref="AwaitRecord"/>.</param>
/// <param name="RequestId">This request's own id.</param>
public sealed record CancelWait(long WaitId, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The sender has no wait under the id.</summary>
/// <param name="WaitId">The id of the waits.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record WaitCancelled(long WaitId, long RequestId)
    // Who cancels a wait may be gone, too.
    : LogReply(RequestId), IDeadLetterSuppression;
