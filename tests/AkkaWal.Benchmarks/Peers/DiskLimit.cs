using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>The limit that the disk sets: only the system calls that a log can't do without.</summary>
internal sealed class DiskLimit(BenchContext context)
{
    private const int FileBytes = 16 << 20, ChunkBytes = 1 << 20;

    /// <summary>
    /// One write and one sync for as many frames as there are writers, onto a file that was filled with zeros and
    /// synced before, so that no sync carries metadata.
    /// </summary>
    internal IReadOnlyList<Figure> SyncedWrites(int writers, int frameBytes)
    {
        var file = LibC.OpenFile(ZeroFilled(Path.Combine(context.Root, "zeros")));
        try
        {
            var frames = new byte[writers * frameBytes];
            Array.Fill(frames, (byte)0xA5);
            var latencies = new Latencies();
            long position = 0, syncs = 0;
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < context.Duration)
            {
                if (position + frames.Length > FileBytes) position = 0;
                var start = Stopwatch.GetTimestamp();
                LibC.WriteAll(file, frames, position);
                LibC.SyncData(file);
                latencies.AddSince(start);
                position += frames.Length;
                syncs++;
            }
            return
            [
                new(Metrics.Rate, syncs * writers / clock.Elapsed.TotalSeconds), .. latencies.Figures(),
                new(Metrics.PerSync, writers),
            ];
        }
        finally
        {
            LibC.CloseFile(file);
        }
    }

    // Written once in a run and kept: the disk is slower for a while after so many bytes.
    private static string ZeroFilled(string path)
    {
        if (File.Exists(path)) return path;
        var file = LibC.OpenFile(path);
        var zeros = new byte[ChunkBytes];
        for (long at = 0; at < FileBytes; at += ChunkBytes) LibC.WriteAll(file, zeros, at);
        LibC.SyncData(file);
        LibC.CloseFile(file);
        return path;
    }

    /// <summary>Writes in large chunks that nobody syncs. The rate is that of the frames in them.</summary>
    internal IReadOnlyList<Figure> BufferedWrites(long records, int frameBytes)
    {
        var path = context.NewPath("disk");
        var file = LibC.OpenFile(path);
        try
        {
            var chunk = new byte[ChunkBytes];
            Array.Fill(chunk, (byte)0xA5);
            var total = records * frameBytes;
            var clock = Stopwatch.StartNew();
            for (long at = 0; at < total; at += ChunkBytes)
                LibC.WriteAll(file, chunk.AsSpan(0, (int)Math.Min(ChunkBytes, total - at)), at);
            return [new(Metrics.Rate, records / clock.Elapsed.TotalSeconds)];
        }
        finally
        {
            LibC.CloseFile(file);
            BenchContext.Remove(path);
        }
    }
}
