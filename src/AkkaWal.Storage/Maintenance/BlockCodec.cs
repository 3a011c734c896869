using System.IO.Compression;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Compresses blocks, each on its own. Brotli: of what the platform has, it takes spans (no stream, next to no allocation a read) and
/// knows common words before it has seen any, which counts in small blocks. docs/MAINTENANCE.md has the measurements.
/// </summary>
internal static class BlockCodec
{
    /// <summary>What a block is filled up to: one record costs the decompression of one block.</summary>
    internal const int BlockBytes = 32 << 10;

    // Beyond it ratio gains a point or two and speed halves.
    private const int Quality = 4;
    private const int LeastWindowBits = 16, MostWindowBits = 24;

    /// <summary>Compresses a block.</summary>
    /// <param name="log">The block.</param>
    /// <param name="stored">At least as many bytes.</param>
    /// <returns>How many bytes it took; 0 where it is not smaller than before.</returns>
    internal static int Compress(ReadOnlySpan<byte> log, Span<byte> stored)
    {
        var windowBits = Math.Clamp(32 - int.LeadingZeroCount(log.Length), LeastWindowBits, MostWindowBits);
        return BrotliEncoder.TryCompress(log, stored[..log.Length], out var written, Quality, windowBits) && written < log.Length ? written : 0;
    }

    /// <summary>Decompresses a block; false where it does not come out as exactly so many bytes.</summary>
    internal static bool TryDecompress(ReadOnlySpan<byte> stored, Span<byte> log) =>
        BrotliDecoder.TryDecompress(stored, log, out var written) && written == log.Length;
}
