using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Benchmarks.Workloads.Appends;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Maintenance;

/// <summary>
/// What it costs to read segments that were compressed or archived, how compressing and archiving slow appends down,
/// and what it costs to list many segments.
/// </summary>
internal static class OldSegments
{
    private const int RecordBytes = 100, FrameBytes = 108, Writers = 16;
    private const string Plain = "plain", Archived = "archived", Both = "Zstd, archived";
    internal const string Alone = "appends alone", Beside = "beside maintenance";

    internal static Workload Reads { get; } = new("old-reads", ReadContests);

    internal static Workload Maintenance { get; } = new("maintenance", MaintenanceContests);

    internal static Workload Lists { get; } = new("list", ListContests);

    /// <summary>Segments that are compressed with the default codec.</summary>
    internal const string ByDefault = nameof(CompressionCodec.Zstd);

    internal static string RandomReads(string kind) => $"{kind}, random reads";

    internal static string Segments(int count) => $"{count} segments";

    private static IEnumerable<Contest> ReadContests(BenchContext context)
    {
        var logs = new List<OldLog>();
        try
        {
            foreach (var kind in Compressions.Compressible)
            {
                var (plain, archived, both) = (NewLog(), NewLog(), NewLog());
                var codecs = new[] { CompressionCodec.Zstd, CompressionCodec.Lz4, CompressionCodec.Brotli };
                var compressed = codecs.Select(codec =>
                {
                    var log = NewLog(codec);
                    log.Maintain((log, file) => log.CompressSegment(file));
                    return (Name: codec.ToString(), Log: log);
                }).ToList();
                archived.Maintain((log, file) => log.ArchiveSegment(file));
                both.Maintain((log, file) =>
                {
                    log.CompressSegment(file);
                    log.ArchiveSegment(file);
                });
                List<(string Name, OldLog Log)> all =
                    [(Plain, plain), .. compressed, (Archived, archived), (Both, both)];
                var withoutCache = new LogReaderOptions { MaxBlockCacheBytes = 0 };
                yield return new Contest("old-reads", RandomReads(kind),
                    [.. all.Select(c => new Contender(c.Name, () => Read(context, c.Log)))], Metrics.Mean);
                yield return new Contest("old-reads", $"{kind}, one by one in order",
                [
                    .. all.Take(2).Select(c => new Contender(c.Name, () => ReadInOrder(context, c.Log, new()))),
                    new($"{all[1].Name}, no cache", () => ReadInOrder(context, all[1].Log, withoutCache)),
                ], Metrics.Mean);
                yield return new Contest(
                    "old-reads", $"{kind}, scan", [.. all.Select(c => new Contender(c.Name, () => Scan(c.Log)))]);

                OldLog NewLog(CompressionCodec codec = CompressionCodec.Zstd)
                {
                    var (bytes, segmentBytes) = context.Pick((64L << 20, 8 << 20), (256 << 10, 64 << 10));
                    logs.Add(new OldLog(context, kind, bytes, segmentBytes, codec));
                    return logs[^1];
                }
            }
        }
        finally
        {
            foreach (var log in logs) log.Dispose();
        }
    }

    private static IReadOnlyList<Figure> Read(BenchContext context, OldLog log)
    {
        using var reader = LogReader.Open(log.Path, new LogReaderOptions { Archive = log.Archive });
        var end = log.SealedNextOffset;
        var rate = Threads.Rate(context, 1, random => () => reader.Read(random.NextInt64(end)));
        return [new(Metrics.Mean, 1e6 / rate.Value), rate];
    }

    private static IReadOnlyList<Figure> ReadInOrder(BenchContext context, OldLog log, LogReaderOptions options)
    {
        using var reader = LogReader.Open(log.Path, options);
        var (end, next) = (log.SealedNextOffset, 0L);
        var rate = Threads.Rate(context, 1, _ => () => reader.Read(next++ % end));
        return [new(Metrics.Mean, 1e6 / rate.Value), rate];
    }

    private static IReadOnlyList<Figure> Scan(OldLog log)
    {
        using var reader = LogReader.Open(log.Path, new LogReaderOptions { Archive = log.Archive });
        var (start, count) = (Stopwatch.GetTimestamp(), 0L);
        using var cursor = reader.Scan(0);
        while (cursor.MoveNext()) count++;
        return [new(Metrics.Rate, count / Stopwatch.GetElapsedTime(start).TotalSeconds)];
    }

    private static IEnumerable<Contest> MaintenanceContests(BenchContext context)
    {
        yield return new Contest("maintenance", DurableAppends.Variant(Writers, RecordBytes),
        [
            new(Alone, () => Append(context, isMaintained: false)),
            new(Beside, () => Append(context, isMaintained: true)),
        ], Metrics.P999) { WarmsUp = false };
    }

    private static IReadOnlyList<Figure> Append(BenchContext context, bool isMaintained)
    {
        using var old = new OldLog(
            context, RealisticPayloads.Json, context.Pick(128L << 20, 512 << 10), context.Pick(256 << 10, 32 << 10));
        using var log = new ActorLog(context, new WalOptions { Archive = old.Archive }, old.Path);
        var payload = Payloads.Of(RecordBytes);
        using var stop = new CancellationTokenSource();
        var client = new WalClient(log.Log, TimeSpan.FromMinutes(1));
        var maintained = isMaintained ? Task.Run(() => MaintainUntil(client, stop.Token)) : Task.FromResult(0);
        // Long enough to compress or archive hundreds of segments.
        var duration = context.Pick(TimeSpan.FromSeconds(6), context.Duration);
        var load = new Load(context, id => new Append(payload, id)) { Duration = duration };
        var reads = new Load(context, id => new Read(Random.Shared.NextInt64(old.SealedNextOffset), id))
        {
            Duration = duration, CountsRefusals = true, MeasuresLatency = false,
        };
        var reading = Task.Run(() => reads.Run(log.System, log.Log, actors: 1, window: 1));
        load.Run(log.System, log.Log, Writers, window: 1);
        reading.GetAwaiter().GetResult();
        stop.Cancel();
        return [load.Rate, .. load.Latencies.Figures(), new(Metrics.Operations, maintained.GetAwaiter().GetResult())];
    }

    private static async Task<int> MaintainUntil(WalClient client, CancellationToken stop)
    {
        var count = 0;
        foreach (var segment in (await client.GetSegmentsAsync(CancellationToken.None)).Where(s => s.IsSealed))
        {
            foreach (var request in new LogRequest[] { new CompressSegment(segment.File),
                new ArchiveSegment(segment.File), new DeleteSegment(segment.File) })
            {
                if (stop.IsCancellationRequested) return count;
                await client.Ask<LogReply>(request, CancellationToken.None);
                count++;
            }
        }
        return count;
    }

    private static IEnumerable<Contest> ListContests(BenchContext context)
    {
        var counts = context.Pick(new[] { 10, 10_000 }, [10, 100]);
        var logs = counts.ToDictionary(
            count => count, count => new SampleLog(context, count * 10L, Payloads.Of(RecordBytes), 10 * FrameBytes));
        try
        {
            yield return new Contest(
                "list", "GetSegments",
                [.. logs.Select(l => new Contender(Segments(l.Key), () => List(context, l.Value)))], Metrics.Time);
        }
        finally
        {
            foreach (var log in logs.Values) log.Dispose();
        }
    }

    private static IReadOnlyList<Figure> List(BenchContext context, SampleLog log)
    {
        using var opened = new ActorLog(context, new WalOptions(), log.Path);
        var client = new WalClient(opened.Log, TimeSpan.FromMinutes(1));
        var times = new List<double>();
        for (var i = 0; i < context.Pick(30, 2); i++)
        {
            var start = Stopwatch.GetTimestamp();
            client.GetSegmentsAsync().GetAwaiter().GetResult();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return [new(Metrics.Time, times.Order().ElementAt(times.Count / 2))];
    }
}
