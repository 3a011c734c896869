namespace AkkaWal.Storage.Maintenance;

/// <summary>What a backup, or a restore, did.</summary>
/// <param name="SegmentsCopied">Segments whose records were copied, the last one included.</param>
/// <param name="SegmentsReused">Sealed segments that the older backup in the destination held already.</param>
/// <param name="BytesCopied">What was written for the former, their indexes not counted.</param>
/// <param name="StartOffset">The lowest offset that the copy may hold.</param>
/// <param name="NextOffset">The offset behind the copy's last record. All of it is on the copy's disk.</param>
/// <param name="DurableNextOffset">
/// The watermark that the source's index told when its last segment was copied: records from it on were on the
/// source's disk a moment later, or their appends were still under way.
/// </param>
public sealed record BackupReport(
    int SegmentsCopied, int SegmentsReused, long BytesCopied, long StartOffset, long NextOffset,
    long DurableNextOffset);

/// <summary>How far a backup is. A log that changes meanwhile can change the totals.</summary>
/// <param name="SegmentsDone">Segments that are copied or reused.</param>
/// <param name="SegmentCount">Segments that there are.</param>
/// <param name="BytesDone">Bytes of them that are done, reused ones included.</param>
/// <param name="BytesTotal">Bytes that there are.</param>
public readonly record struct BackupProgress(int SegmentsDone, int SegmentCount, long BytesDone, long BytesTotal);
