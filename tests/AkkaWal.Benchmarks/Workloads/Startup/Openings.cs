using System.Diagnostics;
using System.Globalization;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Startup;

/// <summary>
/// Opening logs of three sizes after a clean stop and after a kill, and how much memory an open log of each size takes.
/// </summary>
internal static class Openings
{
    internal const string Clean = "after a clean stop", Killed = "after kill -9",
        KilledOsCache = "after kill -9, os-cache",
        TailScan = "scan of its last segment", FullScan = "scan of a full segment";

    internal static Workload Workload { get; } = new("opening", Contests);

    internal static string Size(int mebibytes) => $"{mebibytes} MiB";

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var logs = new List<(int MebiBytes, LargeLog Log)>();
        try
        {
            foreach (var size in context.Pick(new[] { 100, 1024, 4096 }, [1, 2]))
                logs.Add((size, new LargeLog(context, (long)size << 20, FlushPolicy.Always)));
            yield return new Contest(
                "opening", Clean,
                [.. logs.Select(l => new Contender(Size(l.MebiBytes), () => OpenClean(l.Log)))], Metrics.Time);
            yield return new Contest("opening", Killed,
            [
                .. logs.Select(l => new Contender(Size(l.MebiBytes), () => OpenKilled(context, l.Log))),
                new(TailScan, () => ScanSegment(context, logs[^1].Log, logs[^1].Log.LastFile)),
                new(FullScan, () => ScanSegment(context, logs[^1].Log, logs[^1].Log.LastSealedFile)),
            ], Metrics.Time);
            yield return new Contest("memory", MemoryUse.Reading,
            [
                .. logs.Select(l => new Contender(Size(l.MebiBytes), () => MemoryUse.Measure(l.Log, "read"))),
            ], Metrics.Memory) { Rounds = 3, WarmsUp = false };
            yield return new Contest("memory", MemoryUse.Appending,
            [
                .. logs.Select(l => new Contender(Size(l.MebiBytes), () => MemoryUse.Measure(l.Log, "append"))),
            ], Metrics.Memory) { Rounds = 3, WarmsUp = false };
        }
        finally
        {
            foreach (var (_, log) in logs) log.Dispose();
        }
        using var buffered = new LargeLog(context, (long)context.Pick(100, 1) << 20, FlushPolicy.OsCache);
        yield return new Contest("opening", KilledOsCache,
        [
            new(Size(context.Pick(100, 1)), () => OpenKilled(context, buffered)),
            new(TailScan, () => ScanSegment(context, buffered, buffered.LastFile)),
        ], Metrics.Time);
    }

    private static IReadOnlyList<Figure> OpenClean(LargeLog log)
    {
        SegmentedLog.Open(log.Path).Close();
        return Open(log);
    }

    private static IReadOnlyList<Figure> OpenKilled(BenchContext context, LargeLog log)
    {
        log.AsKilled();
        // The files that were just put back are dirty pages. Their write-out is no part of an opening.
        context.CollectAndSync();
        return Open(log);
    }

    private static IReadOnlyList<Figure> Open(LargeLog log)
    {
        var clock = Stopwatch.StartNew();
        using var opened = SegmentedLog.Open(log.Path);
        return [new(Metrics.Time, clock.Elapsed.TotalMilliseconds)];
    }

    private static IReadOnlyList<Figure> ScanSegment(BenchContext context, LargeLog log, string file)
    {
        SegmentedLog.Open(log.Path).Close();
        // Written anew, so that it has been in the page cache no longer than the bytes that an opening scans.
        var copy = File.ReadAllBytes(file);
        File.Delete(file);
        File.WriteAllBytes(file, copy);
        context.CollectAndSync();
        using var reader = LogReader.Open(log.Path);
        var first = BaseOffsetOf(file);
        var count = (file == log.LastFile ? reader.NextOffset : BaseOffsetOf(log.LastFile)) - first;
        using var cursor = reader.Scan(first);
        var clock = Stopwatch.StartNew();
        while (count > 0 && cursor.MoveNext()) count--;
        var elapsed = clock.Elapsed;
        if (count > 0) throw new InvalidOperationException($"{count} records of {file} are missing");
        return [new(Metrics.Time, elapsed.TotalMilliseconds)];
    }

    private static long BaseOffsetOf(string file) =>
        long.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture);
}
