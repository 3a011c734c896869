using System.Buffers;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Index;

/// <summary>
/// The index file of a segment that is being written. Entries are written in blocks and not synced before the seal; of
/// an active segment they count only after a clean stop. Owned by the writer's thread; <see cref="Sync"/> is for any
/// thread.
/// </summary>
internal sealed class SegmentIndexFile(IWalFile file, IndexSlot slot) : IDisposable
{
    /// <summary>How many new entries are written at a time.</summary>
    internal const int BlockEntries = 4096;

    private readonly byte[] _slotBytes = new byte[IndexSlot.SizeBytes];
    private IndexSlot _slot = slot;

    /// <summary>How many entries were written since the opening, or are trusted from before it.</summary>
    internal int SavedEntries { get; private set; }

    /// <summary>Counts the first entries as written. After a clean stop, whose checksum covers them.</summary>
    internal void TrustEntries(int count) => SavedEntries = count;

    internal void SaveEntries(PositionTable positions, int count)
    {
        while (SavedEntries < count)
        {
            var entries = Math.Min(BlockEntries, count - SavedEntries);
            var bytes = entries * IndexSlot.EntryBytes;
            var block = ArrayPool<byte>.Shared.Rent(bytes);
            try
            {
                positions.Encode(SavedEntries, block.AsSpan(0, bytes));
                file.Write(IndexSlot.EntriesAt + (long)SavedEntries * IndexSlot.EntryBytes, block.AsSpan(0, bytes));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
            SavedEntries += entries;
        }
    }

    internal void WriteSlot(IndexState state, Watermark watermark, long sealedAtUnixMs = 0, uint entriesChecksum = 0)
    {
        var slot = _slot with
        {
            State = state,
            Sequence = _slot.Sequence + 1,
            Watermark = watermark,
            SealedAtUnixMs = sealedAtUnixMs,
            EntriesChecksum = entriesChecksum,
        };
        slot.Encode(_slotBytes);
        file.Write(slot.WriteAt, _slotBytes);
        // After a failed write Sequence stays, so the next write goes to the same place and leaves the other slot
        // whole.
        _slot = slot;
    }

    /// <summary>A sealed segment's whole index in the form of its file.</summary>
    /// <param name="slot">An empty slot of the segment.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="positions">The positions of all its records.</param>
    internal static byte[] EncodeSealed(IndexSlot slot, SealedSegment segment, PositionTable positions)
    {
        var bytes = new byte[IndexSlot.EntriesAt + positions.Count * IndexSlot.EntryBytes];
        slot = slot with
        {
            State = IndexState.Sealed,
            Watermark = new Watermark(segment.NextOffset, SegmentHeader.SizeBytes + segment.SizeBytes),
            SealedAtUnixMs = segment.SealedAtUnixMs,
            EntriesChecksum = positions.Checksum(),
        };
        slot.Encode(bytes.AsSpan((int)slot.WriteAt));
        positions.Encode(0, bytes.AsSpan(IndexSlot.EntriesAt));
        return bytes;
    }

    internal void Sync() => file.Sync();

    public void Dispose() => file.Dispose();
}
