using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Index;

/// <summary>
/// The positions of a segment's frames, in memory. It grows in chunks, so that a long segment copies little and a short
/// one takes little. A full chunk is packed, because the memory that it touches is what makes a random read slow. One
/// thread at a time may change it; any thread may read entries that were there before.
/// </summary>
internal sealed class PositionTable : SegmentPositions
{
    internal const int ChunkBits = 10, ChunkEntries = 1 << ChunkBits;
    private const int SmallestChunkEntries = 16;

    private PositionChunk[] _chunks = [];

    // The first chunk, also stored here: the reads of a short segment need not go through the array.
    private PositionChunk? _first;
    private int _chunkCount;
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    internal long MemoryBytes { get; private set; }

    internal long this[int record] => ChunkOf(record)[record & (ChunkEntries - 1)];

    internal override (long Position, long NextPosition) Around(int record)
    {
        // Read before the chunk: the chunk then holds at least that many entries.
        var count = Count;
        if (record >= count) return (-1, -1);
        var entry = record & (ChunkEntries - 1);
        var chunk = ChunkOf(record);
        if (record + 1 >= count) return (chunk[entry], -1);
        return (chunk[entry], entry < ChunkEntries - 1 ? chunk[entry + 1] : this[record + 1]);
    }

    /// <summary>How many bytes that many positions take at most.</summary>
    internal static long MostBytes(long count) =>
        (count + ChunkEntries) * sizeof(uint) + (count / ChunkEntries + 1) * PositionChunk.OwnBytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(long position)
    {
        var count = _count;
        var chunk = count >> ChunkBits;
        var entry = count & (ChunkEntries - 1);
        if (chunk == _chunkCount || _chunks[chunk].Plain is not { } plain || entry >= plain.Length)
            plain = Grow(chunk, entry);
        plain[entry] = checked((uint)position);
        Volatile.Write(ref _count, count + 1);
        if (entry == ChunkEntries - 1) Pack(chunk, plain);
    }

    /// <summary>Adds entries in the form of the index file.</summary>
    internal void AddSaved(ReadOnlySpan<byte> entries)
    {
        var positions = MemoryMarshal.Cast<byte, uint>(entries);
        while (!positions.IsEmpty)
        {
            // Packs a whole chunk straight from the span, without a plain chunk first.
            if (BitConverter.IsLittleEndian && positions.Length >= ChunkEntries && Count % ChunkEntries == 0)
            {
                var whole = positions[..ChunkEntries];
                SetChunk(Count >> ChunkBits, PositionChunk.TryPack(whole) ?? new PositionChunk(whole.ToArray()));
                Volatile.Write(ref _count, _count + ChunkEntries);
                positions = positions[ChunkEntries..];
                continue;
            }
            Add(BitConverter.IsLittleEndian ? positions[0] : BinaryPrimitives.ReverseEndianness(positions[0]));
            positions = positions[1..];
        }
    }

    /// <summary>Packs the last chunk as well. For a table that will not grow.</summary>
    internal void Pack()
    {
        var last = Count >> ChunkBits;
        if (last < _chunkCount && _chunks[last].Plain is { } plain)
            Pack(last, plain.AsSpan(0, Count & (ChunkEntries - 1)));
    }

    /// <summary>Removes the last entries, so that at most that many are left.</summary>
    internal void TrimTo(int count) => _count = Math.Min(Count, count);

    /// <summary>Writes entries in the form of the index file.</summary>
    internal void Encode(int first, Span<byte> destination)
    {
        for (var at = 0; at < destination.Length; at += IndexSlot.EntryBytes)
            BinaryPrimitives.WriteUInt32LittleEndian(destination[at..], (uint)this[first++]);
    }

    /// <summary>The checksum of all entries in the form of the index file.</summary>
    internal uint Checksum()
    {
        var state = Crc32C.Seed;
        for (var i = 0; i < Count; i++) state = Crc32C.Step(state, (uint)this[i]);
        return ~state;
    }

    private PositionChunk ChunkOf(int record) => record < ChunkEntries
        ? Volatile.Read(ref _first)!
        : Volatile.Read(ref _chunks)[record >> ChunkBits];

    private void Pack(int chunk, ReadOnlySpan<uint> positions)
    {
        if (PositionChunk.TryPack(positions) is { } packed) SetChunk(chunk, packed);
    }

    /// <summary>Makes room for one more entry in the last chunk, which holds that many.</summary>
    private uint[] Grow(int chunk, int entries)
    {
        var grown = new uint[chunk > 0 ? ChunkEntries : Math.Clamp(entries * 2, SmallestChunkEntries, ChunkEntries)];
        for (var i = 0; i < entries; i++) grown[i] = (uint)_chunks[chunk][i];
        SetChunk(chunk, new PositionChunk(grown));
        return grown;
    }

    // A concurrent reader finds the old chunk or the new one. Both hold the same entries as far as they were published.
    private void SetChunk(int chunk, PositionChunk by)
    {
        MemoryBytes += by.MemoryBytes - (chunk < _chunkCount ? _chunks[chunk].MemoryBytes : 0);
        if (chunk == _chunks.Length)
        {
            var grown = new PositionChunk[Math.Max(1, _chunkCount * 2)];
            _chunks.CopyTo(grown, 0);
            Volatile.Write(ref _chunks, grown);
        }
        Volatile.Write(ref _chunks[chunk], by);
        if (chunk == 0) Volatile.Write(ref _first, by);
        _chunkCount = Math.Max(_chunkCount, chunk + 1);
    }
}
