using System.Diagnostics;
using System.IO.Compression;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using K4os.Compression.LZ4;

namespace AkkaWal.Benchmarks.Workloads.Maintenance;

/// <summary>
/// What codecs and their levels make of blocks of records: size, speed, and what it costs to get at one block.
/// </summary>
internal static class Compressions
{
    private const int FrameHeaderBytes = 8;

    /// <summary>The contenders that are the log's own codecs.</summary>
    internal static IReadOnlyList<string> Used { get; } = ["Zstd 5", "LZ4 3", "Brotli 4"];

    /// <summary>The kinds of records that get smaller.</summary>
    internal static IReadOnlyList<string> Compressible { get; } = [RealisticPayloads.Json, RealisticPayloads.Text];

    internal static Workload Workload { get; } = new("compress", Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        foreach (var kind in RealisticPayloads.Kinds)
        {
            foreach (var blockBytes in new[] { 8 << 10, 16 << 10, 32 << 10 })
            {
                var blocks = BlocksOf(kind, blockBytes, context.Pick(16 << 20, 256 << 10));
                yield return new Contest("compress", $"{kind}, blocks of {blockBytes >> 10} KiB",
                [
                    .. new[] { 5, 1, 3, 6 }.Select(level => new Contender($"Zstd {level}", () => Zstd(blocks, level))),
                    .. new[] { LZ4Level.L00_FAST, LZ4Level.L03_HC, LZ4Level.L09_HC }.Select(level =>
                        new Contender($"LZ4 {(int)level}", () => Run(blocks, b => Lz4(b, level), UnLz4))),
                    .. new[] { 1, 4, 6 }.Select(quality =>
                        new Contender($"Brotli {quality}", () => Run(blocks, b => Brotli(b, quality), UnBrotli))),
                    new("Deflate", () => Run(blocks, Deflate, UnDeflate)),
                ], Metrics.Share) { Rounds = context.Pick(3, 1) };
            }
        }
    }

    private static List<byte[]> BlocksOf(string kind, int blockBytes, int bytes)
    {
        var payloads = new RealisticPayloads(1);
        var random = new Random(2);
        var blocks = new List<byte[]>();
        while (bytes > 0)
        {
            var block = new MemoryStream();
            while (true)
            {
                var payload = payloads.Next(kind);
                if (block.Length + FrameHeaderBytes + payload.Length > blockBytes) break;
                // A length, and a checksum that nothing can compress.
                block.Write(BitConverter.GetBytes((uint)payload.Length | 1u << 31));
                block.Write(BitConverter.GetBytes(random.Next()));
                block.Write(payload);
            }
            blocks.Add(block.ToArray());
            bytes -= (int)block.Length;
        }
        return blocks;
    }

    private static IReadOnlyList<Figure> Run(
        List<byte[]> blocks, Func<byte[], byte[]> compress, Action<byte[], byte[]> decompress)
    {
        var (raw, stored) = (0L, 0L);
        var start = Stopwatch.GetTimestamp();
        var compressed = blocks.ConvertAll(block => compress(block));
        var writing = Stopwatch.GetElapsedTime(start);
        for (var i = 0; i < blocks.Count; i++) (raw, stored) = (raw + blocks[i].Length, stored + compressed[i].Length);
        var buffer = new byte[blocks.Max(block => block.Length)];
        start = Stopwatch.GetTimestamp();
        foreach (var block in compressed) decompress(block, buffer);
        var reading = Stopwatch.GetElapsedTime(start);
        return
        [
            new(Metrics.Share, 100.0 * stored / raw), new(Metrics.Throughput, raw / writing.TotalSeconds / (1 << 20)),
            new(Metrics.Mean, reading.TotalMicroseconds / blocks.Count),
        ];
    }

    private static IReadOnlyList<Figure> Zstd(List<byte[]> blocks, int level)
    {
        using var compressor = new ZstdSharp.Compressor(level);
        using var decompressor = new ZstdSharp.Decompressor();
        return Run(
            blocks, block => compressor.Wrap(block).ToArray(), (stored, block) => decompressor.Unwrap(stored, block));
    }

    private static byte[] Lz4(byte[] block, LZ4Level level)
    {
        var stored = new byte[LZ4Codec.MaximumOutputSize(block.Length)];
        return stored[..LZ4Codec.Encode(block, stored, level)];
    }

    private static void UnLz4(byte[] stored, byte[] block) => LZ4Codec.Decode(stored, block);

    private static byte[] Brotli(byte[] block, int quality)
    {
        var stored = new byte[BrotliEncoder.GetMaxCompressedLength(block.Length)];
        BrotliEncoder.TryCompress(block, stored, out var count, quality, window: 16);
        return stored[..count];
    }

    private static void UnBrotli(byte[] stored, byte[] block) => BrotliDecoder.TryDecompress(stored, block, out _);

    private static byte[] Deflate(byte[] block)
    {
        var stored = new MemoryStream();
        using (var stream = new DeflateStream(stored, CompressionLevel.Optimal)) stream.Write(block);
        return stored.ToArray();
    }

    private static void UnDeflate(byte[] stored, byte[] block)
    {
        using var stream = new DeflateStream(new MemoryStream(stored), CompressionMode.Decompress);
        stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
    }
}
