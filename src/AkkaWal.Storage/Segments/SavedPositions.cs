using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// A sealed segment's positions as they lie in its index file, fetched as they are asked for: a chunk at a time, which is kept as long as
/// a budget allows, and else just what one question takes. Opening it reads none, however long the segment is. Any thread may ask.
/// </summary>
/// <remarks>
/// What is fetched can't be held against the checksum, which is that of all entries: the frame that is found there proves it, and
/// <see cref="TryMend"/> is for whoever finds none.
/// </remarks>
internal sealed class SavedPositions : SegmentPositions, IDisposable
{
    private const int ChunkEntries = PositionTable.ChunkEntries, ChunkBits = PositionTable.ChunkBits;

    // What a chunk comes to at most: not packed.
    private const int MostChunkBytes = PositionChunk.OwnBytes + ChunkEntries * IndexSlot.EntryBytes;

    private readonly IWalFile _index;
    private readonly int _count;
    private readonly long _endPosition;
    private readonly Func<PositionTable> _makeWhole;
    private readonly IndexBudget _budget;
    private readonly Lock _changing = new();
    private readonly PositionChunk?[] _chunks;
    private PositionTable? _whole;
    private long _takenBytes;
    private bool _isDisposed;

    /// <param name="index">The index file, whose slot says that it is complete; this one's from here on.</param>
    /// <param name="count">The segment's records.</param>
    /// <param name="endPosition">Where the segment ends.</param>
    /// <param name="makeWhole">Gets all positions: from the index where that matches its checksum, else from the log.</param>
    /// <param name="budget">What may be kept.</param>
    internal SavedPositions(IWalFile index, int count, long endPosition, Func<PositionTable> makeWhole, IndexBudget budget)
    {
        (_index, _count, _endPosition, _makeWhole, _budget) = (index, count, endPosition, makeWhole, budget);
        _chunks = new PositionChunk?[(count + ChunkEntries - 1) >> ChunkBits];
    }

    internal override int Count => Volatile.Read(ref _whole)?.Count ?? _count;

    internal override bool IsVerified => Volatile.Read(ref _whole) is not null;

    internal override long this[int record] => Around(record).Position;

    internal override (long Position, long NextPosition) Around(int record)
    {
        var entry = record & (ChunkEntries - 1);
        if (ChunkOf(record) is not { } chunk) return FetchAround(record);
        if (record + 1 == _count) return (chunk[entry], -1);
        if (entry < ChunkEntries - 1) return (chunk[entry], chunk[entry + 1]);
        return ChunkOf(record + 1) is { } following ? (chunk[entry], following[0]) : FetchAround(record);
    }

    internal override bool TryMend()
    {
        lock (_changing)
        {
            if (_whole is not null) return false;
            var whole = _makeWhole();
            Array.Clear(_chunks);
            Keep(whole.MemoryBytes - _takenBytes);
            Volatile.Write(ref _whole, whole);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _isDisposed = true;
            Keep(-_takenBytes);
        }
        _index.Dispose();
    }

    private PositionChunk? ChunkOf(int record) => Volatile.Read(ref _chunks[record >> ChunkBits]) ?? TryFetch(record >> ChunkBits);

    private PositionChunk? TryFetch(int number)
    {
        if (IsVerified || !_budget.TryTake(MostChunkBytes)) return null;
        try
        {
            return ReadChunk(number) is { } chunk ? Put(number, chunk) : null;
        }
        finally
        {
            _budget.Give(MostChunkBytes);
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

    private PositionChunk Put(int number, PositionChunk chunk)
    {
        lock (_changing)
        {
            if (_chunks[number] is { } other) return other;
            if (_isDisposed || _whole is not null) return chunk;
            Keep(chunk.MemoryBytes);
            Volatile.Write(ref _chunks[number], chunk);
            return chunk;
        }
    }

    private (long Position, long NextPosition) FetchAround(int record)
    {
        Span<uint> entries = stackalloc uint[2];
        if (record + 1 == _count) entries = entries[..1];
        if (!IsVerified && TryRead(record, entries)) return (entries[0], entries.Length > 1 ? entries[1] : -1);
        TryMend();
        return _whole!.Around(record);
    }

    /// <summary>Reads entries; false where they can't be right.</summary>
    private bool TryRead(int first, Span<uint> entries)
    {
        var bytes = MemoryMarshal.AsBytes(entries);
        if (_index.Read(IndexSlot.EntriesAt + (long)first * IndexSlot.EntryBytes, bytes) < bytes.Length) return false;
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(entries, entries);
        for (var i = 1; i < entries.Length; i++)
            if (entries[i] < (long)entries[i - 1] + Frame.HeaderBytes) return false;
        return entries[0] >= SegmentHeader.SizeBytes && entries[^1] + Frame.HeaderBytes <= _endPosition;
    }

    private void Keep(long bytes)
    {
        _takenBytes += bytes;
        _budget.Take(bytes);
    }
}
