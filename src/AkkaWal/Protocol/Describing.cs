using AkkaWal.Storage;

namespace AkkaWal.Protocol;

/// <summary>Asks what the log holds -> <see cref="LogInfo"/>.</summary>
public sealed record GetLogInfo(long RequestId = 0) : LogRequest(RequestId);

/// <summary>What the log holds.</summary>
/// <param name="EntryCount">The number of records in the log.</param>
/// <param name="TotalBytes">The bytes of the records, with their frames.</param>
/// <param name="IsFullyDurable">Whether all records are on the disk.</param>
/// <param name="StartOffset">The lowest offset that the log may hold.</param>
/// <param name="NextOffset">The offset that the next record gets.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogInfo(
    long EntryCount, long TotalBytes, bool IsFullyDurable, long StartOffset, long NextOffset, long RequestId)
    : LogReply(RequestId)
{
    /// <summary>Why the log takes no appends until it is opened anew or repaired; "" if it takes them.</summary>
    public string ReadOnlyReason { get; init; } = "";

    /// <summary>
    /// The kind of failure with which appends are refused meanwhile: <see cref="FailureKind.NotOwned"/> if this process
    /// has lost the log, else <see cref="FailureKind.Unavailable"/>. Null if the log takes appends.
    /// </summary>
    public FailureKind? ReadOnlyKind { get; init; }

    /// <summary>
    /// Which file is damaged, missing, not the log's own or of a newer version, so that the log could not be opened; ""
    /// if it is open. If it is not open, the counts are those of the readable records.
    /// </summary>
    public string Damage { get; init; } = "";

    /// <summary>Which operation of retention failed at its last try and will be tried again; "" if none did.</summary>
    public string UpkeepProblem { get; init; } = "";
}

/// <summary>Asks for the segments -> <see cref="SegmentList"/>. Costs no file access.</summary>
public sealed record GetSegments(long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>Lists only segments that hold this offset or a later one; 0 for all.</summary>
    public long FromOffset { get; init; }

    /// <summary>
    /// The most segments in the reply, 1 or more. A reply to another node has no more than fit into one message.
    /// </summary>
    public int MaxCount { get; init; } = int.MaxValue;
}

/// <summary>The segments, oldest first. The last one of a complete list is the active one.</summary>
public sealed record SegmentList(IReadOnlyList<SegmentInfo> Segments, long RequestId) : LogReply(RequestId)
{
    /// <summary>
    /// The <see cref="GetSegments.FromOffset"/> that lists the next segments; null if there are no more.
    /// </summary>
    public long? ContinueAt { get; init; }

    /// <summary>As <see cref="LogInfo.Damage"/>.</summary>
    public string Damage { get; init; } = "";
}
