using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>Reads index files. Whatever is wrong with one is an answer here, not an error: the log itself decides.</summary>
internal static class SegmentIndexReader
{
    /// <summary>The slot that counts; null where the file is missing, short, bad or of another log file.</summary>
    /// <param name="store">Where the segment is.</param>
    /// <param name="header">The head of the log file that the index must belong to.</param>
    /// <param name="entries">The positions, where the slot says that they are complete and they are; else null.</param>
    internal static IndexSlot? TryReadSlot(SegmentStore store, SegmentHeader header, out PositionTable? entries)
    {
        entries = null;
        var path = store.IndexPath(header.BaseOffset);
        if (store.Files.Stat(path) is not { Kind: WalEntryKind.File }) return null;
        using var file = store.Files.Open(path, FileAccessMode.Read);
        return TryReadSlot(file, header, out entries);
    }

    /// <summary>As the other one, of an open index file.</summary>
    internal static IndexSlot? TryReadSlot(IWalFile file, SegmentHeader header, out PositionTable? entries)
    {
        entries = null;
        var head = new byte[IndexSlot.EntriesAt];
        var count = file.Read(0, head);
        if (IndexSlot.Newest(head.AsSpan(0, count), header) is not { } slot) return null;
        if (slot.State != IndexState.Active) entries = TryReadEntries(file, slot);
        return slot;
    }

    /// <summary>What a segment's sealed mark says; null where it bears none.</summary>
    /// <exception cref="WalDamagedException">The log file is missing or its header bad.</exception>
    internal static SealedSegment? TryReadSealedMark(SegmentStore store, long baseOffset)
    {
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.Read);
        using (log)
        {
            return TryReadSlot(store, header, out _) is { State: IndexState.Sealed } slot
                ? new SealedSegment(baseOffset, slot.Watermark.NextOffset, slot.Watermark.EndPosition - SegmentHeader.SizeBytes, SegmentState.Sealed, 0, slot.SealedAtUnixMs)
                : null;
        }
    }

    private static PositionTable? TryReadEntries(IWalFile file, IndexSlot slot)
    {
        var count = slot.Watermark.NextOffset - slot.BaseOffset;
        var bytes = count * IndexSlot.EntryBytes;
        if (count < 0 || bytes > file.LengthBytes - IndexSlot.EntriesAt || bytes > Array.MaxLength) return null;
        var block = new byte[(int)Math.Min(bytes, SegmentIndexFile.BlockEntries * IndexSlot.EntryBytes)];
        var table = new PositionTable();
        var state = Crc32C.Seed;
        for (long at = 0; at < bytes; at += block.Length)
        {
            var part = block.AsSpan(0, (int)Math.Min(block.Length, bytes - at));
            if (file.Read(IndexSlot.EntriesAt + at, part) < part.Length) return null;
            state = Crc32C.Step(state, part);
            table.AddSaved(part);
        }
        return ~state == slot.EntriesChecksum ? table : null;
    }
}
