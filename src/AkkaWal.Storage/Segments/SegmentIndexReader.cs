using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Segments;

/// <summary>Reads index files. A bad index is a null here, not an error: it can be rebuilt from its log.</summary>
internal static class SegmentIndexReader
{
    /// <summary>The newest valid slot; null where the file is missing, short, bad or of another log file.</summary>
    /// <param name="segmentFiles">Where the segment is.</param>
    /// <param name="header">The header of the log file that the index must belong to.</param>
    internal static IndexSlot? TryReadSlot(SegmentFiles segmentFiles, SegmentHeader header)
    {
        using var file = TryOpen(segmentFiles, header);
        return file is null ? null : IndexFileReader.TryReadSlot(file, header);
    }

    /// <summary>The newest valid slot, and the positions where they are complete and match their checksum.</summary>
    /// <exception cref="WalNewerVersionException">
    /// The index is of a newer format. It is not lost, and must not be overwritten.
    /// </exception>
    internal static IndexSlot? TryRead(SegmentFiles segmentFiles, SegmentHeader header, out PositionTable? entries)
    {
        entries = null;
        using var file = TryOpen(segmentFiles, header);
        if (file is null) return null;
        IndexFileReader.ThrowIfNewer(file);
        return IndexFileReader.TryRead(file, header, out entries);
    }

    /// <summary>The sealed mark of a segment; null where it has none.</summary>
    /// <exception cref="WalNewerVersionException">The index is of a newer format.</exception>
    internal static SealedSegment? TryReadSealedMark(SegmentFiles segmentFiles, SegmentHeader header)
    {
        using var index = TryOpen(segmentFiles, header);
        if (index is null) return null;
        IndexFileReader.ThrowIfNewer(index);
        return IndexFileReader.TryReadSlot(index, header) is { State: IndexState.Sealed } slot
            ? new SealedSegment(
                header.BaseOffset, slot.Watermark.NextOffset, slot.Watermark.EndPosition - SegmentHeader.SizeBytes,
                SegmentState.Sealed, 0,
                slot.SealedAtUnixMs)
            : null;
    }

    /// <summary>The sealed mark of a segment whose log is not open; null where it has none.</summary>
    /// <exception cref="WalFaultException">
    /// The log file is missing, its header is bad, or it or its index is of a newer format.
    /// </exception>
    internal static SealedSegment? TryReadSealedMark(SegmentFiles segmentFiles, long baseOffset)
    {
        var (log, header) = segmentFiles.OpenLog(baseOffset, FileAccessMode.Read);
        using (log) return TryReadSealedMark(segmentFiles, header);
    }

    private static IWalFile? TryOpen(SegmentFiles segmentFiles, SegmentHeader header)
    {
        var path = segmentFiles.IndexPath(header.BaseOffset);
        return segmentFiles.Disk.Stat(path) is { Kind: WalEntryKind.File }
            ? segmentFiles.Disk.Open(path, FileAccessMode.Read)
            : null;
    }
}
