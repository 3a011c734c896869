using System.Runtime.CompilerServices;

namespace AkkaWal.Storage.Index;

/// <summary>
/// Consecutive positions of frames. When packed, they are stored as a first position, an average frame size, and how
/// far each position strays from that line: 0 bytes a record where all frames have one size, 2 bytes where sizes vary.
/// Positions that stray too far for 2 bytes stay plain. Immutable when packed.
/// </summary>
internal sealed class PositionChunk
{
    /// <summary>What a chunk takes in memory besides its positions: its object, and the reference to it.</summary>
    internal const int OwnBytes = 56;

    private readonly short[]? _strays;
    private readonly long _first;
    private readonly int _stride;

    internal PositionChunk(uint[] positions) => Plain = positions;

    private PositionChunk(long first, int stride, short[]? strays) =>
        (_first, _stride, _strays) = (first, stride, strays);

    /// <summary>
    /// The positions themselves, with unused entries behind them perhaps; null where they are packed.
    /// </summary>
    internal uint[]? Plain { get; }

    internal long MemoryBytes =>
        OwnBytes + (Plain?.Length * sizeof(uint) ?? 0) + (_strays?.Length * sizeof(short) ?? 0);

    internal long this[int index]
    {
        get
        {
            if (Plain is { } positions) return positions[index];
            var even = _first + (long)index * _stride;
            return _strays is { } strays ? even + strays[index] : even;
        }
    }

    /// <summary>Packs positions; null where there are none, or one strays too far.</summary>
    // AggressiveOptimization: an opening runs this loop hundreds of times before tiered compilation would optimize it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static PositionChunk? TryPack(ReadOnlySpan<uint> positions)
    {
        if (positions.IsEmpty) return null;
        var first = (long)positions[0];
        // Clamped, because a damaged index can hold any numbers.
        var average = (positions[^1] - first) / Math.Max(1, positions.Length - 1);
        var stride = (int)Math.Clamp(average, 0, int.MaxValue);
        short[]? strays = null;
        for (var i = 0; i < positions.Length; i++)
        {
            var stray = positions[i] - first - (long)i * stride;
            if (stray == 0) continue;
            if (stray != (short)stray) return null;
            (strays ??= new short[positions.Length])[i] = (short)stray;
        }
        return new PositionChunk(first, stride, strays);
    }
}
