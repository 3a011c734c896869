using AkkaWal.Storage;

namespace AkkaWal.Protocol;

/// <summary>Asks what the log holds -> <see cref="LogInfo"/>.</summary>
public sealed record GetLogInfo(long RequestId = 0) : LogRequest(RequestId);

/// <summary>What the log holds.</summary>
/// <param name="EntryCount">Records now in it.</param>
/// <param name="TotalBytes">Their bytes, frames included.</param>
/// <param name="IsFullyDurable">Whether all of them are on the disk.</param>
/// <param name="StartOffset">The lowest offset that it may hold.</param>
/// <param name="NextOffset">The offset that the next record gets.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogInfo(
    long EntryCount, long TotalBytes, bool IsFullyDurable, long StartOffset, long NextOffset, long RequestId)
    : LogReply(RequestId)
{
    /// <summary>Why it takes no appends until it is opened anew or repaired; "" where it takes them.</summary>
    public string ReadOnlyReason { get; init; } = "";

    /// <summary>
    /// Which file is damaged, missing, not the log's own or newer, so that the log could not be opened: then the counts
    /// are those of what can be read. "" where it is open.
    /// </summary>
    public string Damage { get; init; } = "";

    /// <summary>
    /// What retention could not do at its last try, and tries again; "" where it could do everything.
    /// </summary>
    public string UpkeepProblem { get; init; } = "";
}

/// <summary>Asks for the segments -> <see cref="SegmentList"/>. Costs no file access.</summary>
public sealed record GetSegments(long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>Only those that hold this offset or a later one; 0 for all of them.</summary>
    public long FromOffset { get; init; }

    /// <summary>How many at most, 1 or more. To another node go no more than fit into a message.</summary>
    public int MaxCount { get; init; } = int.MaxValue;
}

/// <summary>The segments, oldest first; the last one of a list that is complete is the active one.</summary>
public sealed record SegmentList(IReadOnlyList<SegmentInfo> Segments, long RequestId) : LogReply(RequestId)
{
    /// <summary>The <see cref="GetSegments.FromOffset"/> that lists those behind; null where there is none.</summary>
    public long? ContinueAt { get; init; }

    /// <summary>As <see cref="LogInfo.Damage"/>.</summary>
    public string Damage { get; init; } = "";
}
