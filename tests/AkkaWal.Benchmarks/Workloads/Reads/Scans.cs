using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Peers;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Benchmarks.Workloads.Reads;

/// <summary>
/// Reads every record from the first to the last and verifies its checksum, from files that are in the page cache.
/// </summary>
internal static class Scans
{
    private const int ChunkBytes = 256 << 10;

    internal static Workload Workload { get; } = new("scan", Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        foreach (var bytes in new[] { 100, 1024 })
        {
            var payload = Payloads.Of(bytes);
            var records = context.Pick(bytes == 100 ? 4_000_000L : 500_000L, 5_000L);
            using var log = new SampleLog(context, records, payload);
            using var faster = new FasterLogPeer(context);
            faster.Fill(records, payload);
            using var dotNext = new DotNextPeer(context);
            dotNext.Fill(records, payload);
            using var rocksDb = RocksDbPeer.IsAvailable ? new RocksDbPeer(context) : null;
            rocksDb?.Fill(records, payload);
            yield return new Contest("scan", $"{bytes} B",
            [
                new(Names.AkkaWal, () => Cursor(log)),
                new(Names.Faster, faster.Scan),
                new(Names.DotNext, dotNext.Scan),
                .. rocksDb is null ? [] : new Contender[] { new(Names.RocksDb, rocksDb.Scan) },
                new(Names.DiskScan, () => Bare(log, false)),
                new(Names.DiskScanChecked, () => Bare(log, true)),
            ]);
        }
    }

    private static IReadOnlyList<Figure> Cursor(SampleLog log)
    {
        using var reader = LogReader.Open(log.Path);
        using var cursor = reader.Scan(0);
        long count = 0, bytes = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        while (cursor.MoveNext())
        {
            count++;
            bytes += cursor.Payload.Length;
        }
        var elapsed = clock.Elapsed;
        if (count != log.Records) throw new InvalidOperationException($"{count} of {log.Records} records");
        return
        [
            new(Metrics.Rate, count / elapsed.TotalSeconds),
            new(Metrics.Allocated, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)count),
        ];
    }

    /// <summary>Reads the same files in chunks, with or without a checksum of each chunk.</summary>
    private static IReadOnlyList<Figure> Bare(SampleLog log, bool isChecked)
    {
        var chunk = new byte[ChunkBytes];
        var sum = 0u;
        var clock = Stopwatch.StartNew();
        foreach (var path in log.Files)
        {
            var file = LibC.OpenFile(path);
            for (long at = 0; ;)
            {
                var count = LibC.ReadSome(file, chunk, at);
                if (count == 0) break;
                if (isChecked) sum ^= Crc32C.Compute(chunk.AsSpan(0, count));
                at += count;
            }
            LibC.CloseFile(file);
        }
        return [new(Metrics.Rate, log.Records / clock.Elapsed.TotalSeconds)];
    }
}
