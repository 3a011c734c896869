using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads;

/// <summary>Opening logs of three sizes after a clean stop and after a kill, and what an open log of each size takes in memory.</summary>
internal static class Openings
{
    internal static Workload Workload { get; } = new("opening", Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        foreach (var mebibytes in context.Pick(new[] { 100, 1024, 4096 }, [1, 2]))
        {
            using var log = new LargeLog(context, (long)mebibytes << 20, FlushPolicy.Always);
            yield return new Contest("opening", $"{mebibytes} MiB",
            [
                new(Names.CleanOpening, () => OpenClean(log)),
                new(Names.KilledOpening, () => OpenKilled(context, log)),
                new(Names.SegmentScan, () => ScanLastSegment(log)),
            ], Metrics.Time);
            yield return MemoryUse.Contest(log, $"{mebibytes} MiB");
        }
        var small = context.Pick(100, 1);
        using var buffered = new LargeLog(context, (long)small << 20, FlushPolicy.OsCache);
        yield return new Contest("opening", $"{small} MiB, os-cache",
        [
            new(Names.KilledOpening, () => OpenKilled(context, buffered)),
            new(Names.SegmentScan, () => ScanLastSegment(buffered)),
        ], Metrics.Time);
    }

    private static IReadOnlyList<Figure> OpenClean(LargeLog log)
    {
        SegmentedLog.Open(log.Path).Dispose();
        return Open(log);
    }

    private static IReadOnlyList<Figure> OpenKilled(BenchContext context, LargeLog log)
    {
        log.AsKilled();
        // The copies above are the benchmark's own dirty pages, and no part of an opening.
        context.Settle();
        return Open(log);
    }

    private static IReadOnlyList<Figure> Open(LargeLog log)
    {
        var clock = Stopwatch.StartNew();
        using var opened = SegmentedLog.Open(log.Path);
        return [new(Metrics.Time, clock.Elapsed.TotalMilliseconds)];
    }

    private static IReadOnlyList<Figure> ScanLastSegment(LargeLog log)
    {
        SegmentedLog.Open(log.Path).Dispose();
        using var reader = LogReader.Open(log.Path);
        using var cursor = reader.Scan(long.Parse(Path.GetFileNameWithoutExtension(log.LastFile), System.Globalization.CultureInfo.InvariantCulture));
        var clock = Stopwatch.StartNew();
        while (cursor.MoveNext())
        {
        }
        return [new(Metrics.Time, clock.Elapsed.TotalMilliseconds)];
    }
}
