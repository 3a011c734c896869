using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Peers;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Reads;

/// <summary>Records by offset, each offset as likely as any other, from files that are in the page cache.</summary>
internal static class RandomReads
{
    internal const int ActorWindow = 256;
    private const int SegmentHeaderBytes = 64, FrameHeaderBytes = 8, ManyUnderWay = 32, CountedReads = 1000;

    internal static Workload Workload { get; } = new("random-reads", Contests);

    internal static string Variant(int threads, int bytes) => $"{threads} thread{(threads == 1 ? "" : "s")}, {bytes} B";

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        foreach (var bytes in context.Pick(new[] { 100, 1024 }, [100]))
        {
            var payload = Payloads.Of(bytes);
            var records = context.Pick(bytes == 100 ? 2_000_000L : 250_000L, 5_000L);
            using var log = new SampleLog(context, records, payload);
            using var faster = new FasterLogPeer(context);
            var addresses = faster.Fill(records, payload);
            using var sqlite = new SqlitePeer(context);
            sqlite.Insert(records, payload);
            foreach (var threads in new[] { 1, 2 })
            {
                yield return new Contest("random-reads", Variant(threads, bytes),
                [
                    new(Names.AkkaWalReader, () => Direct(context, threads, log, false)),
                    new(Names.AkkaWalMapped, () => Direct(context, threads, log, true)),
                    new(Names.DiskRead, () => Bare(context, threads, log, bytes + FrameHeaderBytes)),
                    new(Names.Faster, () => Faster(context, threads, 1, faster, addresses, bytes)),
                    new(Names.FasterMany, () => Faster(context, threads, ManyUnderWay, faster, addresses, bytes)),
                    new(Names.Sqlite, () => Sqlite(context, threads, records, sqlite, false)),
                    new(Names.SqliteSnapshot, () => Sqlite(context, threads, records, sqlite, true)),
                    new(Names.AkkaWal, () => ThroughActors(context, threads, log)),
                ]);
            }
        }
    }

    private static IReadOnlyList<Figure> Direct(BenchContext context, int threads, SampleLog log, bool isMapped)
    {
        using var reader = LogReader.Open(log.Path, new LogReaderOptions { MapSegments = isMapped });
        var rate = Threads.Rate(context, threads, random => () => reader.Read(random.NextInt64(log.Records)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var offset = 0; offset < CountedReads; offset++) reader.Read(offset);
        return [rate, new(Metrics.Allocated, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)CountedReads)];
    }

    internal static IReadOnlyList<Figure> Bare(BenchContext context, int threads, SampleLog log, int frameBytes)
    {
        var files = log.Files.Select(LibC.OpenFile).ToArray();
        try
        {
            return [Threads.Rate(context, threads, random =>
            {
                var buffer = new byte[frameBytes];
                return () =>
                {
                    var (segment, record) = Math.DivRem(random.NextInt64(log.Records), log.RecordsPerSegment);
                    LibC.ReadSome(files[segment], buffer, SegmentHeaderBytes + record * frameBytes);
                };
            })];
        }
        finally
        {
            foreach (var file in files) LibC.CloseFile(file);
        }
    }

    private static IReadOnlyList<Figure> Faster(
        BenchContext context, int threads, int underWay, FasterLogPeer peer, long[] addresses, int bytes) =>
        [Threads.Rate(context, threads, random =>
        {
            var reads = new Queue<Task<(byte[], int)>>();
            return () =>
            {
                if (reads.Count == underWay && reads.Dequeue().GetAwaiter().GetResult().Item2 != bytes)
                    throw new InvalidOperationException("not the record");
                reads.Enqueue(peer.Log.ReadAsync(addresses[random.NextInt64(addresses.Length)], bytes).AsTask());
            };
        })];

    private static IReadOnlyList<Figure> Sqlite(
        BenchContext context, int threads, long records, SqlitePeer peer, bool isSnapshot) =>
        [Threads.Rate(context, threads, random =>
        {
            var reads = new SqliteReads(peer, isSnapshot);
            return () => reads.Read(random.NextInt64(records));
        })];

    private static IReadOnlyList<Figure> ThroughActors(BenchContext context, int askers, SampleLog log)
    {
        using var opened = new ActorLog(context, new WalOptions(), log.Path);
        var load = new Load(context, id => new Read(Random.Shared.NextInt64(log.Records), id))
        {
            MeasuresLatency = false,
        };
        var before = 0L;
        load.Run(opened.System, opened.Log, askers, ActorWindow, () => before = GC.GetTotalAllocatedBytes());
        return
        [
            load.Rate,
            new(Metrics.Allocated, (GC.GetTotalAllocatedBytes() - before) / (load.Rate.Value * load.ElapsedSeconds)),
        ];
    }
}
