using System.IO.Compression;
using K4os.Compression.LZ4;

namespace AkkaWal.Storage.Blocks;

/// <summary>
/// Compresses and decompresses blocks, each on its own. Any thread may call. Neither direction reads or writes outside
/// of its spans, whatever bytes it is given. docs/BENCHMARKS.md tells how codecs, levels and sizes were chosen.
/// </summary>
internal abstract class BlockCodec
{
    /// <summary>
    /// The size up to which a block is filled. A read of one record costs the decompression of one block.
    /// </summary>
    internal const int BlockBytes = 16 << 10;

    /// <summary>Higher numbers belong to codecs of newer versions.</summary>
    internal const CompressionCodec HighestKnown = CompressionCodec.Lz4;

    private static readonly BlockCodec Brotli = new BrotliCodec(), Zstd = new ZstdCodec(), Lz4 = new Lz4Codec();

    /// <summary>The codec with a number; null where this version knows none.</summary>
    internal static BlockCodec? Find(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Brotli => Brotli,
        CompressionCodec.Zstd => Zstd,
        CompressionCodec.Lz4 => Lz4,
        _ => null,
    };

    /// <summary>Compresses a block.</summary>
    /// <param name="log">The block.</param>
    /// <param name="stored">Takes the result; at least as large as the block.</param>
    /// <returns>The size of the result; 0 where it is not smaller than the block.</returns>
    internal int Compress(ReadOnlySpan<byte> log, Span<byte> stored) =>
        TryCompress(log, stored[..log.Length], out var count) && count < log.Length ? count : 0;

    /// <summary>Decompresses a block.</summary>
    /// <param name="stored">The block as it is stored.</param>
    /// <param name="log">Takes the result; exactly as large as the block was.</param>
    /// <returns>False where the result has another size. The span then holds arbitrary bytes.</returns>
    internal bool TryDecompress(ReadOnlySpan<byte> stored, Span<byte> log) => Decompress(stored, log) == log.Length;

    /// <returns>False where the result does not fit.</returns>
    private protected abstract bool TryCompress(ReadOnlySpan<byte> log, Span<byte> stored, out int count);

    /// <returns>The size of the result; -1 where the bytes are no block of this codec, or it does not fit.</returns>
    private protected abstract int Decompress(ReadOnlySpan<byte> stored, Span<byte> log);

    private sealed class BrotliCodec : BlockCodec
    {
        private const int Quality = 4, LeastWindowBits = 16, MostWindowBits = 24;

        private protected override bool TryCompress(ReadOnlySpan<byte> log, Span<byte> stored, out int count) =>
            BrotliEncoder.TryCompress(log, stored, out count, Quality, WindowBitsFor(log.Length));

        private protected override int Decompress(ReadOnlySpan<byte> stored, Span<byte> log) =>
            BrotliDecoder.TryDecompress(stored, log, out var count) ? count : -1;

        private static int WindowBitsFor(int bytes) =>
            Math.Clamp(32 - int.LeadingZeroCount(bytes), LeastWindowBits, MostWindowBits);
    }

    private sealed class ZstdCodec : BlockCodec
    {
        private const int Level = 5;

        // Only one thread a log compresses. More threads read, but seldom more at a time than there are processors.
        private readonly ContextPool<ZstdSharp.Compressor> _compressors =
            new(1, static () => new ZstdSharp.Compressor(Level));
        private readonly ContextPool<ZstdSharp.Decompressor> _decompressors =
            new(Environment.ProcessorCount, static () => new ZstdSharp.Decompressor());

        private protected override bool TryCompress(ReadOnlySpan<byte> log, Span<byte> stored, out int count)
        {
            var compressor = _compressors.Rent();
            try
            {
                return compressor.TryWrap(log, stored, out count);
            }
            catch (ZstdSharp.ZstdException)
            {
                count = 0;
                return false;
            }
            finally
            {
                // A context grows with the largest block that it has compressed, so one that saw a large block is not
                // kept.
                if (log.Length <= BlockBytes) _compressors.Return(compressor);
                else compressor.Dispose();
            }
        }

        private protected override int Decompress(ReadOnlySpan<byte> stored, Span<byte> log)
        {
            var decompressor = _decompressors.Rent();
            try
            {
                return decompressor.TryUnwrap(stored, log, out var count) ? count : -1;
            }
            catch (ZstdSharp.ZstdException)
            {
                return -1;
            }
            finally
            {
                _decompressors.Return(decompressor);
            }
        }
    }

    private sealed class Lz4Codec : BlockCodec
    {
        private const LZ4Level Level = LZ4Level.L03_HC;

        private protected override bool TryCompress(ReadOnlySpan<byte> log, Span<byte> stored, out int count) =>
            (count = LZ4Codec.Encode(log, stored, Level)) > 0;

        private protected override int Decompress(ReadOnlySpan<byte> stored, Span<byte> log) =>
            LZ4Codec.Decode(stored, log);
    }
}
