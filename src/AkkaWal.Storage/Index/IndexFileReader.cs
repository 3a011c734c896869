using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Index;

/// <summary>
/// Reads an open index file. A bad index is a null or false here, not an error: it can be rebuilt from its log.
/// </summary>
internal static class IndexFileReader
{
    /// <summary>
    /// The newest valid slot, and the positions where it is not active and they match their checksum.
    /// </summary>
    internal static IndexSlot? TryRead(IWalFile file, SegmentHeader header, out PositionTable? entries)
    {
        var slot = TryReadSlot(file, header);
        entries = slot is { State: not IndexState.Active } complete ? TryReadEntries(file, complete) : null;
        return slot;
    }

    /// <summary>The newest valid slot where it has all of a sealed segment's positions; null elsewhere.</summary>
    internal static IndexSlot? TryReadCompleteSlot(IWalFile file, SegmentHeader header, long recordCount) =>
        TryReadSlot(file, header) is { State: not IndexState.Active } slot
        && slot.Watermark.NextOffset - slot.BaseOffset == recordCount
            ? slot
            : null;

    /// <exception cref="WalNewerVersionException">The index file is of a newer format.</exception>
    internal static void ThrowIfNewer(IWalFile file)
    {
        var head = new byte[IndexSlot.EntriesAt];
        if (IndexSlot.FindNewer(head.AsSpan(0, file.Read(0, head)), file.Path) is { } newer) throw newer;
    }

    /// <summary>The newest valid slot; null where none is whole and of that log file.</summary>
    internal static IndexSlot? TryReadSlot(IWalFile file, SegmentHeader header)
    {
        var head = new byte[IndexSlot.EntriesAt];
        return IndexSlot.Newest(head.AsSpan(0, file.Read(0, head)), header);
    }

    /// <summary>All positions of an index file; null where they do not match their checksum.</summary>
    internal static PositionTable? TryReadEntries(IWalFile file, IndexSlot slot)
    {
        var table = new PositionTable();
        return HasEntries(file, slot, table.AddSaved) ? table : null;
    }

    /// <summary>
    /// Whether an index file holds all positions that its slot counts, and they match their checksum.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="take">Takes all entries in order, a block at a time, before their checksum is known to
    /// match.</param>
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
