namespace AkkaWal.Storage.Backup;

/// <summary>What a backup, or a restore, did.</summary>
/// <param name="SegmentsCopied">How many segments were copied, the last one included.</param>
/// <param name="SegmentsReused">How many sealed segments the older backup in the destination had already.</param>
/// <param name="BytesCopied">How many bytes were written for the copied segments, without their indexes.</param>
/// <param name="StartOffset">The lowest offset that the copy may hold.</param>
/// <param name="NextOffset">The offset that follows the copy's last record. All records are on the copy's disk.</param>
/// <param name="DurableNextOffset">
/// The source's watermark, as its index gave it when the last segment was copied. Records from it on became durable in
/// the source shortly after, or their appends were still under way.
/// </param>
public sealed record BackupReport(
    int SegmentsCopied, int SegmentsReused, long BytesCopied, long StartOffset, long NextOffset,
    long DurableNextOffset);

/// <summary>How far a backup is. The totals can change where the log changes meanwhile.</summary>
/// <param name="SegmentsDone">How many segments are copied or reused.</param>
/// <param name="SegmentCount">How many segments there are.</param>
/// <param name="BytesDone">Their bytes that are done, reused ones included.</param>
/// <param name="BytesTotal">The bytes of all segments.</param>
public readonly record struct BackupProgress(int SegmentsDone, int SegmentCount, long BytesDone, long BytesTotal);
