using System.Buffers;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Index;

/// <summary>
/// The index file of a segment that is being written. Entries are saved in blocks and never synced before the seal; of an active
/// segment they are trusted only after a clean stop. Owned by the writer's thread; <see cref="Sync"/> from any.
/// </summary>
internal sealed class SegmentIndexFile(IWalFile file, IndexSlot slot) : IDisposable
{
    /// <summary>So many new entries are worth a write.</summary>
    internal const int BlockEntries = 4096;

    private readonly byte[] _slotBytes = new byte[IndexSlot.SizeBytes];
    private IndexSlot _slot = slot;

    /// <summary>How many entries the file has; what stands there from an older life counts as none.</summary>
    internal int SavedEntries { get; private set; }

    /// <summary>Entries that are known to stand in the file.</summary>
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
        // Where it failed the next one goes to the same place: the other slot is whole.
        _slot = slot;
    }

    /// <summary>A sealed segment's whole index, as its file holds it.</summary>
    /// <param name="slot">An empty slot of the segment.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="positions">Where its records are, all of them.</param>
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
