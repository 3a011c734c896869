using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Segments;

/// <summary>Reads index files. Whatever is wrong with one is an answer here, not an error: the log itself decides.</summary>
internal static class SegmentIndexReader
{
    /// <summary>The slot that counts; null where the file is missing, short, bad or of another log file.</summary>
    /// <param name="store">Where the segment is.</param>
    /// <param name="header">The head of the log file that the index must belong to.</param>
    internal static IndexSlot? TryReadSlot(SegmentStore store, SegmentHeader header)
    {
        using var file = TryOpen(store, header);
        return file is null ? null : TryReadSlot(file, header);
    }

    /// <summary>The slot that counts, and the positions where it says that they are complete and they are; else null.</summary>
    /// <exception cref="WalNewerVersionException">The index is of a newer format: it is not lost, and nobody may write over it.</exception>
    internal static IndexSlot? TryRead(SegmentStore store, SegmentHeader header, out PositionTable? entries)
    {
        entries = null;
        using var file = TryOpen(store, header);
        if (file is null) return null;
        ThrowIfNewer(file);
        return TryRead(file, header, out entries);
    }

    /// <summary>As the other one, of an open index file.</summary>
    internal static IndexSlot? TryRead(IWalFile file, SegmentHeader header, out PositionTable? entries)
    {
        var slot = TryReadSlot(file, header);
        entries = slot is { State: not IndexState.Active } complete ? TryReadEntries(file, complete) : null;
        return slot;
    }

    /// <summary>The slot of an open index file that says it has all of a sealed segment's positions; null where it is none.</summary>
    internal static IndexSlot? TryReadCompleteSlot(IWalFile file, SegmentHeader header, long recordCount) =>
        TryReadSlot(file, header) is { State: not IndexState.Active } slot && slot.Watermark.NextOffset - slot.BaseOffset == recordCount ? slot : null;

    /// <summary>What a segment's sealed mark says; null where it bears none.</summary>
    /// <exception cref="WalNewerVersionException">The index is of a newer format.</exception>
    internal static SealedSegment? TryReadSealedMark(SegmentStore store, SegmentHeader header)
    {
        using var index = TryOpen(store, header);
        if (index is null) return null;
        ThrowIfNewer(index);
        return TryReadSlot(index, header) is { State: IndexState.Sealed } slot
            ? new SealedSegment(
                header.BaseOffset, slot.Watermark.NextOffset, slot.Watermark.EndPosition - SegmentHeader.SizeBytes,
                SegmentState.Sealed, 0,
                slot.SealedAtUnixMs)
            : null;
    }

    /// <summary>As the other one, of a segment whose log is not open.</summary>
    /// <exception cref="WalFaultException">
    /// The log file is missing, its header is bad, or it or its index is of a newer format.
    /// </exception>
    internal static SealedSegment? TryReadSealedMark(SegmentStore store, long baseOffset)
    {
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.Read);
        using (log) return TryReadSealedMark(store, header);
    }

    /// <exception cref="WalNewerVersionException">An open index file is of a newer format.</exception>
    internal static void ThrowIfNewer(IWalFile file)
    {
        var head = new byte[IndexSlot.EntriesAt];
        if (IndexSlot.FindNewer(head.AsSpan(0, file.Read(0, head)), file.Path) is { } newer) throw newer;
    }

    private static IWalFile? TryOpen(SegmentStore store, SegmentHeader header)
    {
        var path = store.IndexPath(header.BaseOffset);
        return store.Files.Stat(path) is { Kind: WalEntryKind.File } ? store.Files.Open(path, FileAccessMode.Read) : null;
    }

    private static IndexSlot? TryReadSlot(IWalFile file, SegmentHeader header)
    {
        var head = new byte[IndexSlot.EntriesAt];
        return IndexSlot.Newest(head.AsSpan(0, file.Read(0, head)), header);
    }

    /// <summary>All positions of an open index file; null where they do not match their checksum.</summary>
    internal static PositionTable? TryReadEntries(IWalFile file, IndexSlot slot)
    {
        var table = new PositionTable();
        return HasEntries(file, slot, table.AddSaved) ? table : null;
    }

    /// <summary>Whether an open index file has all positions that its slot tells of, and they match their checksum.</summary>
    /// <param name="file">The file.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="take">Given all entries in order, a part at a time, before it is known whether they are right.</param>
    internal static bool HasEntries(IWalFile file, IndexSlot slot, Action<ReadOnlySpan<byte>> take)
    {
        var count = slot.Watermark.NextOffset - slot.BaseOffset;
        var bytes = count * IndexSlot.EntryBytes;
        if (count < 0 || bytes > file.LengthBytes - IndexSlot.EntriesAt || bytes > Array.MaxLength) return false;
        var block = new byte[(int)Math.Min(bytes, SegmentIndexFile.BlockEntries * IndexSlot.EntryBytes)];
        var state = Crc32C.Seed;
        for (long at = 0; at < bytes; at += block.Length)
        {
            var part = block.AsSpan(0, (int)Math.Min(block.Length, bytes - at));
            if (file.Read(IndexSlot.EntriesAt + at, part) < part.Length) return false;
            state = Crc32C.Step(state, part);
            take(part);
        }
        return ~state == slot.EntriesChecksum;
    }
}
