using System.Diagnostics;
using System.IO.Compression;
using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Workloads;

/// <summary>What the platform's codecs make of blocks of records: size, speed, and what it costs to get at one block.</summary>
internal static class Compressions
{
    private const int FrameHeaderBytes = 8;

    internal static Workload Workload { get; } = new("compress", Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        foreach (var kind in RealisticPayloads.Kinds)
        {
            foreach (var blockBytes in new[] { 16 << 10, 32 << 10, 64 << 10 })
            {
                var blocks = BlocksOf(kind, blockBytes, context.Pick(16 << 20, 256 << 10));
                yield return new Contest("compress", $"{kind}, blocks of {blockBytes >> 10} KiB",
                [
                    .. new[] { 1, 3, 4, 5, 6 }.Select(quality => new Contender($"Brotli {quality}", () => Run(blocks, b => Brotli(b, quality), UnBrotli))),
                    new("Deflate, fastest", () => Run(blocks, b => Deflate(b, CompressionLevel.Fastest), UnDeflate)),
                    new("Deflate, optimal", () => Run(blocks, b => Deflate(b, CompressionLevel.Optimal), UnDeflate)),
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

    private static IReadOnlyList<Figure> Run(List<byte[]> blocks, Func<byte[], byte[]> compress, Action<byte[], byte[]> decompress)
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

    private static byte[] Brotli(byte[] block, int quality)
    {
        var stored = new byte[BrotliEncoder.GetMaxCompressedLength(block.Length)];
        BrotliEncoder.TryCompress(block, stored, out var count, quality, window: 16);
        return stored[..count];
    }

    private static void UnBrotli(byte[] stored, byte[] block) => BrotliDecoder.TryDecompress(stored, block, out _);

    private static byte[] Deflate(byte[] block, CompressionLevel level)
    {
        var stored = new MemoryStream();
        using (var stream = new DeflateStream(stored, level)) stream.Write(block);
        return stored.ToArray();
    }

    private static void UnDeflate(byte[] stored, byte[] block)
    {
        using var stream = new DeflateStream(new MemoryStream(stored), CompressionMode.Decompress);
        stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
    }
}
