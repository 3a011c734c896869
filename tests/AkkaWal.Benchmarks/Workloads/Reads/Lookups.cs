using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Reads;

/// <summary>The same records in few segments and in many: what it costs to find the right one.</summary>
internal static class Lookups
{
    private const int RecordBytes = 100, FrameBytes = 108, ActorWindow = 64;

    internal static Workload Workload { get; } = new("lookup", Contests);

    internal static string Segments(int count) => $"{count} segments";

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var records = context.Pick(160_000L, 2_000L);
        var counts = context.Pick(new[] { 10, 1000, 10_000 }, [10, 100]);
        var logs = new List<(int Count, SampleLog Log)>();
        try
        {
            foreach (var count in counts)
                logs.Add(
                    (count, new SampleLog(context, records, Payloads.Of(RecordBytes), records / count * FrameBytes)));
            yield return new Contest("lookup", "direct",
            [
                .. logs.Select(l => new Contender(Segments(l.Count), () => Direct(context, l.Log, l.Count, false))),
                .. logs.Select(
                    l => new Contender($"{Segments(l.Count)}, mapped", () => Direct(context, l.Log, l.Count, true))),
                .. logs.Select(l => new Contender(
                    $"{Names.DiskRead}, {l.Count} files",
                    () => WithRate(RandomReads.Bare(context, 1, l.Log, FrameBytes)))),
            ], Metrics.Mean);
            yield return new Contest(
                "lookup", "through the actors",
                [.. logs.Select(l => new Contender(Segments(l.Count), () => ThroughActors(context, l.Log)))],
                Metrics.Mean);
        }
        finally
        {
            foreach (var (_, log) in logs) log.Dispose();
        }
    }

    /// <summary>
    /// All segments are open: the search and the read are measured, not the opening of files.
    /// </summary>
    private static IReadOnlyList<Figure> Direct(BenchContext context, SampleLog log, int segments, bool isMapped)
    {
        using var reader = LogReader.Open(
            log.Path, new LogReaderOptions { MaxOpenSegments = segments + 1, MapSegments = isMapped });
        for (var offset = 0L; offset < log.Records; offset += log.RecordsPerSegment) reader.Read(offset);
        var rate = Threads.Rate(context, 1, random => () => reader.Read(random.NextInt64(log.Records)));
        return WithRate([rate]);
    }

    private static IReadOnlyList<Figure> WithRate(IReadOnlyList<Figure> rate) =>
        [new(Metrics.Mean, 1e6 / rate[0].Value), .. rate];

    /// <summary>
    /// As many segments are open as the log's setting allows. Random reads in more segments open and close files.
    /// </summary>
    private static IReadOnlyList<Figure> ThroughActors(BenchContext context, SampleLog log)
    {
        using var opened = new ActorLog(
            context, new WalOptions { MaxSegmentBytes = log.RecordsPerSegment * FrameBytes }, log.Path);
        var load = new Load(context, id => new Read(Random.Shared.NextInt64(log.Records), id))
        {
            MeasuresLatency = false,
        };
        load.Run(opened.System, opened.Log, 1, ActorWindow);
        return [new(Metrics.Mean, 1e6 / load.Rate.Value), load.Rate];
    }
}
