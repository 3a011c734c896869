using Akka.Event;

namespace AkkaWal.Protocol;

/// <summary>
/// Waits until a record can be read at an offset or behind it -> <see cref="RecordAwaited"/>. A reader that has read
/// everything uses it instead of polling. It costs the log one entry in memory.
/// </summary>
/// <param name="Offset">0 or more; usually the offset behind the last record that was read.</param>
/// <param name="RequestId">The request's id.</param>
/// <remarks>
/// One log has at most <see cref="MostWaits"/> waits; more are refused as <see cref="FailureKind.Unavailable"/>. All
/// waits are refused so when the log is stopped, crashes or turns read-only, and as <see cref="FailureKind.NotOwned"/>
/// when another owner has taken the log over. A wait whose time is up is refused if it can't be told whether the log is
/// still its owner's; the other waits go on.
/// </remarks>
public sealed record AwaitRecord(long Offset, long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>The most waits of one log at a time.</summary>
    public const int MostWaits = 4096;

    /// <summary>The longest <see cref="MaxWait"/>.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The longest time to wait for a record; longer than zero and at most <see cref="LongestWait"/>. If the asker goes
    /// away without a <see cref="CancelWait"/>, its wait takes its place until then.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// The wait is over: there is a record, the time is up, the segment has rolled, or the asker cancelled the wait. An
/// asker that still needs the record asks again.
/// </summary>
/// <param name="NextOffset">
/// The end of the records that can be read. If it is higher than <see cref="AwaitRecord.Offset"/>, there is a record to
/// read.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordAwaited(long NextOffset, long RequestId)
    // A reader that has gone needs no entry among the dead letters.
    : LogReply(RequestId), IDeadLetterSuppression;

/// <summary>
/// Ends the sender's waits for a record that have an id: each is answered by <see cref="RecordAwaited"/> at once and
/// takes no place any more -> <see cref="WaitCancelled"/>, also if there is no such wait. A wait is refused instead if
/// another owner has taken the log over.
/// </summary>
/// <param name="WaitId">The <see cref="LogRequest.RequestId"/> of the <see cref="AwaitRecord"/>.</param>
/// <param name="RequestId">This request's own id.</param>
public sealed record CancelWait(long WaitId, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The sender has no wait under the id.</summary>
/// <param name="WaitId">The id of the waits.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record WaitCancelled(long WaitId, long RequestId)
    // The sender of the cancellation may have gone, too.
    : LogReply(RequestId), IDeadLetterSuppression;
