using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// The roll of the active segment. The order of its steps leaves no crash ambiguous: (0) open the successor's files
/// under temporary names, (1) cut the log to its end and sync it, (2) complete the index and sync it, (3) rename the
/// successor into place and sync its name, (4) write the sealed mark and sync it.
/// </summary>
/// <param name="segmentFiles">Where the segment is.</param>
/// <param name="log">Its log file.</param>
/// <param name="baseOffset">Its first offset.</param>
/// <param name="index">Its index.</param>
/// <remarks>Owned by the segment's writer.</remarks>
internal sealed class TailRoll(SegmentFiles segmentFiles, IWalFile log, long baseOffset, TailIndex index)
{
    /// <summary>
    /// Whether step 3 is done. The successor starts where this segment ends, so this segment must take no more records.
    /// </summary>
    internal bool HasSuccessor { get; private set; }

    /// <summary>Steps 0 to 3.</summary>
    /// <param name="nextOffset">The successor's first offset.</param>
    /// <param name="finish">Steps 1 and 2.</param>
    /// <exception cref="WalIOException">A step failed. If that may pass, this can be called again.</exception>
    internal void CreateSuccessor(long nextOffset, Action finish)
    {
        using var successor = NewSegment.Prepare(segmentFiles, nextOffset);
        try
        {
            finish();
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            successor.Discard();
            throw;
        }
        successor.MoveIntoPlace();
        HasSuccessor = true;
    }

    /// <summary>Step 4.</summary>
    /// <param name="end">The end of the segment's records.</param>
    /// <exception cref="WalIOException">The step failed.</exception>
    internal SealedSegment WriteSealedMark(Watermark end)
    {
        var sealedAt = segmentFiles.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        index.WriteSealedMark(end, sealedAt);
        segmentFiles.MakeReadOnly(log.Path);
        segmentFiles.MakeReadOnly(segmentFiles.IndexPath(baseOffset));
        var sizeBytes = end.EndPosition - SegmentHeader.SizeBytes;
        return new SealedSegment(baseOffset, end.NextOffset, sizeBytes, SegmentState.Sealed, 0, sealedAt);
    }
}
