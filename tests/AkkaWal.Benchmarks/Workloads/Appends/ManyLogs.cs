using System.Globalization;
using AkkaWal.Benchmarks.Children;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// One process with many open logs, through the actors. The number of durable writers is always the same. It shows the
/// rate that is left when writers share no sync, and what each log costs.
/// </summary>
internal static class ManyLogs
{
    internal const int RecordBytes = 100;

    internal static Workload Workload { get; } = new("many-logs", Contests);

    internal static string Logs(int count) => $"{count} log{(count == 1 ? "" : "s")}";

    /// <summary>Where one of the logs is.</summary>
    internal static string DirectoryOf(string root, int log) =>
        Path.Combine(root, log.ToString("D5", CultureInfo.InvariantCulture));

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var counts = context.Pick(new[] { 1, 100, 1000 }, [1, 10]);
        var writers = context.Pick(1024, 16);
        var root = context.NewPath("many-logs");
        try
        {
            // Created before the measurement, without syncs: only open logs are measured.
            for (var i = 0; i < counts[^1]; i++)
                SegmentedLog.Open(DirectoryOf(root, i), files: new CountingFiles { IsHasty = true }).Dispose();
            yield return new Contest("many-logs", DurableAppends.Variant(writers, RecordBytes),
                [.. counts.Select(count => new Contender(Logs(count), () => Measure(context, root, count, writers)))])
            {
                WarmsUp = false,
            };
        }
        finally
        {
            BenchContext.Remove(root);
        }
    }

    private static IReadOnlyList<Figure> Measure(BenchContext context, string root, int logs, int writers)
    {
        // In a process of its own, so that its memory and its open files are those of the logs. There the JIT has
        // compiled nothing yet, so the warm-up is longer.
        var warmUp = context.Pick(TimeSpan.FromSeconds(2), context.WarmUp);
        var arguments = new[] { logs, writers, (int)context.Duration.TotalMilliseconds, (int)warmUp.TotalMilliseconds };
        var texts = arguments.Select(a => a.ToString(CultureInfo.InvariantCulture));
        using var child = Child.Start([ManyLogsChild.Name, root, .. texts]);
        var errors = child.StandardError.ReadToEndAsync();
        var lines = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        if (child.ExitCode != 0) throw new InvalidOperationException($"{logs} logs: {errors.GetAwaiter().GetResult()}");
        return
        [
            .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .Select(cells => new Figure(cells[0], double.Parse(cells[1], CultureInfo.InvariantCulture))),
        ];
    }
}
