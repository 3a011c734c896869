using System.Runtime.CompilerServices;

namespace AkkaWal.Storage.Index;

/// <summary>
/// Some positions in a row. Packed, they are told as those of frames of one size and by how much each strays from there: nothing a record
/// where all are of one size, two bytes where sizes vary. Positions that stray too far stay plain.
/// </summary>
internal sealed class PositionChunk
{
    /// <summary>What a chunk takes itself: its object, and the reference to it.</summary>
    internal const int OwnBytes = 56;

    private readonly short[]? _strays;
    private readonly long _first;
    private readonly int _stride;

    internal PositionChunk(uint[] positions) => Plain = positions;

    private PositionChunk(long first, int stride, short[]? strays) => (_first, _stride, _strays) = (first, stride, strays);

    /// <summary>The positions as they are, with room behind them perhaps; null where they are packed.</summary>
    internal uint[]? Plain { get; }

    internal long MemoryBytes => OwnBytes + (Plain?.Length * sizeof(uint) ?? 0) + (_strays?.Length * sizeof(short) ?? 0);

    internal long this[int index]
    {
        get
        {
            if (Plain is { } positions) return positions[index];
            var even = _first + (long)index * _stride;
            return _strays is { } strays ? even + strays[index] : even;
        }
    }

    /// <summary>Packs them; null where one strays too far, and of none.</summary>
    // Compiled in full at once: the scan of an opening runs through it hundreds of times before the compiler would have a second look at it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static PositionChunk? TryPack(ReadOnlySpan<uint> positions)
    {
        if (positions.IsEmpty) return null;
        var first = (long)positions[0];
        // A damaged index may say anything.
        var stride = (int)Math.Clamp((positions[^1] - first) / Math.Max(1, positions.Length - 1), 0, int.MaxValue);
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
