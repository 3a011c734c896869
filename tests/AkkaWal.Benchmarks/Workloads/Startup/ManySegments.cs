using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Startup;

/// <summary>
/// Openings of logs with very many tiny segments: how long one takes, and how much memory an open log keeps.
/// </summary>
internal static class ManySegments
{
    internal const string Writer = "many segments, to write", Reader = "many segments, to read",
        TakeOver = "many segments, by another owner";

    private const int RecordBytes = 16;

    internal static Workload Workload { get; } = new("opening-many", Contests);

    internal static string Segments(int count) => $"{count} segments";

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var counts = context.Pick(new[] { 10_000, 100_000 }, [10, 100]);
        var logs = new List<(int Count, string Path)>();
        try
        {
            foreach (var count in counts) logs.Add((count, Make(context, count)));
            yield return new Contest("opening-many", Writer,
                [.. logs.Select(l => new Contender(Segments(l.Count), () => Open(() => SegmentedLog.Open(l.Path))))],
                Metrics.Time);
            yield return new Contest("opening-many", Reader,
                [.. logs.Select(l => new Contender(Segments(l.Count), () => Open(() => LogReader.Open(l.Path))))],
                Metrics.Time);
            // The next owner links the files of all sealed segments. So the longest log takes too long here.
            var few = counts[0] / 10;
            logs.Add((few, Make(context, few)));
            var owners = 0;
            yield return new Contest("opening-many", TakeOver,
                [
                    .. new[] { logs[^1], logs[0] }.Select(l => new Contender(Segments(l.Count), () => Open(
                        () => SegmentedLog.Open(l.Path, new WalOptions { Owner = $"node {++owners}" })))),
                ], Metrics.Time);
        }
        finally
        {
            foreach (var (_, path) in logs) BenchContext.Remove(path);
        }
    }

    // One record in each segment. The MANIFEST is written once, at the end: else the time would grow with the square
    // of the number of segments.
    private static string Make(BenchContext context, int segments)
    {
        var path = context.NewPath("segments");
        var files = new CountingFiles { IsHasty = true, IsWithoutManifest = true };
        var options = new WalOptions { MaxSegmentBytes = 1, Flush = FlushPolicy.OsCache };
        using var log = SegmentedLog.Open(path, options, files);
        var payload = Payloads.Of(RecordBytes);
        for (var i = 0; i <= segments; i++) log.Append(payload);
        files.IsWithoutManifest = false;
        return path;
    }

    private static IReadOnlyList<Figure> Open(Func<IDisposable> open)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        using var opened = open();
        var elapsed = clock.Elapsed;
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        return [new(Metrics.Time, elapsed.TotalMilliseconds), new(Metrics.Memory, memory / 1024.0 / 1024.0)];
    }
}
