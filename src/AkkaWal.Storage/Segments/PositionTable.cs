using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// The positions of a segment's frames, in memory. Grows in chunks, so that a long segment never copies much of what it has
/// and a short one takes little. One thread at a time may change it; one that no longer changes may be read from anywhere.
/// </summary>
internal sealed class PositionTable
{
    private const int ChunkBits = 12, ChunkEntries = 1 << ChunkBits, SmallestChunkEntries = 64;

    private readonly List<uint[]> _chunks = [];

    internal int Count { get; private set; }

    internal long MemoryBytes { get; private set; }

    internal long this[int index] => _chunks[index >> ChunkBits][index & (ChunkEntries - 1)];

    internal void Add(long position)
    {
        var chunk = Count >> ChunkBits;
        var entry = Count & (ChunkEntries - 1);
        if (chunk == _chunks.Count || entry == _chunks[chunk].Length) Grow(chunk);
        _chunks[chunk][entry] = checked((uint)position);
        Count++;
    }

    private void Grow(int chunk)
    {
        var before = chunk < _chunks.Count ? _chunks[chunk] : [];
        var grown = new uint[chunk > 0 ? ChunkEntries : Math.Max(SmallestChunkEntries, before.Length * 2)];
        before.CopyTo(grown, 0);
        if (chunk < _chunks.Count) _chunks[chunk] = grown;
        else _chunks.Add(grown);
        MemoryBytes += (long)(grown.Length - before.Length) * sizeof(uint);
    }

    /// <summary>Forgets the last ones.</summary>
    internal void TrimTo(int count) => Count = Math.Min(Count, count);

    /// <summary>Copies entries as they lie in the index file.</summary>
    internal void Encode(int first, Span<byte> destination)
    {
        for (var at = 0; at < destination.Length; at += IndexSlot.EntryBytes)
            BinaryPrimitives.WriteUInt32LittleEndian(destination[at..], (uint)this[first++]);
    }

    /// <summary>The checksum of all entries as they lie in the index file.</summary>
    internal uint Checksum()
    {
        var state = Crc32C.Seed;
        for (var first = 0; first < Count; first += ChunkEntries)
        {
            var entries = _chunks[first >> ChunkBits].AsSpan(0, Math.Min(ChunkEntries, Count - first));
            if (BitConverter.IsLittleEndian) state = Crc32C.Step(state, MemoryMarshal.AsBytes(entries));
            else foreach (var entry in entries) state = Crc32C.Step(state, entry);
        }
        return ~state;
    }
}
