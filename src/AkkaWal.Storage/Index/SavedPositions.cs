using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Index;

/// <summary>
/// A sealed segment's positions, read from its index file on demand. They are read in chunks, which are kept as long as
/// the budget allows; where it does not, a lookup reads only the entries that it needs. Opening this reads no entry,
/// however long the segment is. Any thread may ask.
/// </summary>
/// <remarks>
/// The checksum is that of all entries, so a chunk alone can't be checked. A valid frame at a position proves the
/// entry; a caller that finds none calls <see cref="Verify"/>.
/// </remarks>
internal sealed class SavedPositions : SegmentPositions, IDisposable
{
    private const int ChunkEntries = PositionTable.ChunkEntries, ChunkBits = PositionTable.ChunkBits;

    // The most memory that a chunk takes: when it can't be packed.
    private const int MostChunkBytes = PositionChunk.OwnBytes + ChunkEntries * IndexSlot.EntryBytes;

    private readonly IWalFile _index;
    private readonly IndexSlot _slot;
    private readonly int _count;
    private readonly long _endPosition;
    private readonly Func<PositionTable> _walk;
    private readonly IndexBudget _budget;
    private readonly PositionChunk?[] _chunks;

    // Two locks: a verification reads the whole index and perhaps the log, and lookups must not wait for it.
    private readonly Lock _verifying = new(), _changing = new();
    private PositionTable? _walked;
    private volatile bool _isVerified, _isDisposed;
    private long _takenBytes;

    /// <param name="index">The index file. It is disposed with this.</param>
    /// <param name="slot">Its slot, which says that the index is complete.</param>
    /// <param name="endPosition">The end of the segment.</param>
    /// <param name="walk">Finds the positions in the log instead.</param>
    /// <param name="budget">The memory for chunks.</param>
    internal SavedPositions(
        IWalFile index, IndexSlot slot, long endPosition, Func<PositionTable> walk, IndexBudget budget)
    {
        (_index, _slot, _endPosition, _walk, _budget) = (index, slot, endPosition, walk, budget);
        _count = (int)(slot.Watermark.NextOffset - slot.BaseOffset);
        _chunks = new PositionChunk?[(_count + ChunkEntries - 1) >> ChunkBits];
    }

    internal override bool IsVerified => _isVerified;

    internal override (long Position, long NextPosition) Around(int record)
    {
        var entry = record & (ChunkEntries - 1);
        if (ChunkOf(record) is not { } chunk) return FetchAround(record);
        if (record + 1 == _count) return (chunk[entry], -1);
        if (entry < ChunkEntries - 1) return (chunk[entry], chunk[entry + 1]);
        return ChunkOf(record + 1) is { } following ? (chunk[entry], following[0]) : FetchAround(record);
    }

    internal override void Verify()
    {
        lock (_verifying)
        {
            if (_isVerified) return;
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var walked = IndexFileReader.HasEntries(_index, _slot, static _ => { }) ? null : _walk();
            lock (_changing)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (walked is not null)
                {
                    Array.Clear(_chunks);
                    AddReserved(walked.MemoryBytes - _takenBytes);
                    Volatile.Write(ref _walked, walked);
                }
                _isVerified = true;
            }
        }
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _isDisposed = true;
            AddReserved(-_takenBytes);
        }
        _index.Dispose();
    }

    private PositionChunk? ChunkOf(int record) =>
        Volatile.Read(ref _chunks[record >> ChunkBits]) ?? TryFetch(record >> ChunkBits);

    private PositionChunk? TryFetch(int number)
    {
        if (Volatile.Read(ref _walked) is not null || !_budget.TryReserve(MostChunkBytes)) return null;
        var keptBytes = 0L;
        try
        {
            if (ReadChunk(number) is not { } chunk) return null;
            lock (_changing)
            {
                if (_chunks[number] is { } other) return other;
                if (_isDisposed || _walked is not null) return chunk;
                _takenBytes += keptBytes = chunk.MemoryBytes;
                Volatile.Write(ref _chunks[number], chunk);
            }
            return chunk;
        }
        finally
        {
            _budget.Release(MostChunkBytes - keptBytes);
        }
    }

    [SkipLocalsInit]
    private PositionChunk? ReadChunk(int number)
    {
        Span<uint> entries = stackalloc uint[ChunkEntries];
        entries = entries[..Math.Min(ChunkEntries, _count - (number << ChunkBits))];
        if (!TryRead(number << ChunkBits, entries)) return null;
        return PositionChunk.TryPack(entries) ?? new PositionChunk(entries.ToArray());
    }

    private (long Position, long NextPosition) FetchAround(int record)
    {
        // A walk ends where the log is broken; behind that the index may still be right.
        if (Volatile.Read(ref _walked) is { } walked && record < walked.Count) return walked.Around(record);
        Span<uint> entries = stackalloc uint[2];
        if (record + 1 == _count) entries = entries[..1];
        return TryRead(record, entries) ? (entries[0], entries.Length > 1 ? entries[1] : -1) : (-1, -1);
    }

    /// <summary>Reads entries from the file; false where they can't be right.</summary>
    private bool TryRead(int first, Span<uint> entries)
    {
        var bytes = MemoryMarshal.AsBytes(entries);
        if (_index.Read(IndexSlot.EntriesAt + (long)first * IndexSlot.EntryBytes, bytes) < bytes.Length) return false;
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(entries, entries);
        for (var i = 1; i < entries.Length; i++)
            if (entries[i] < (long)entries[i - 1] + Frame.HeaderBytes) return false;
        return entries[0] >= SegmentHeader.SizeBytes && (long)entries[^1] + Frame.HeaderBytes <= _endPosition;
    }

    private void AddReserved(long bytes)
    {
        _takenBytes += bytes;
        _budget.Reserve(bytes);
    }
}
