using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Plots;

/// <summary>Draws a file of results: a chart for each workload and metric that is worth one.</summary>
internal static class Plotter
{
    private static readonly (string File, string Workload, string Metric, string Title, Func<string, bool> Variant)[] Charts =
    [
        ("durable-100.svg", "durable", Metrics.Rate, "Durable appends, 100 B, each writer waits for its acknowledgement", v => v.EndsWith(" 100 B", StringComparison.Ordinal)),
        ("durable-1024.svg", "durable", Metrics.Rate, "Durable appends, 1 KiB, each writer waits for its acknowledgement", v => v.EndsWith(" 1024 B", StringComparison.Ordinal)),
        ("durable-p99.svg", "durable", Metrics.P99, "Durable appends, 100 B: 99th percentile of the wait", v => v.EndsWith(" 100 B", StringComparison.Ordinal)),
        ("buffered-batches.svg", "buffered-batches", Metrics.Rate, "Buffered appends in batches of 1,024", Any),
        ("buffered-messages.svg", "buffered-messages", Metrics.Rate, "Buffered appends, one message a record", Any),
        ("scan.svg", "scan", Metrics.Rate, "Sequential scan, checksums verified", Any),
        ("random-reads.svg", "random-reads", Metrics.Rate, "Random reads by offset", Any),
        ("varied-sizes.svg", "varied-sizes", Metrics.Rate, "Random reads of records of varied size", Any),
        ("opening.svg", "opening", Metrics.Time, "Opening a log", Any),
        ("lookup.svg", "lookup", Metrics.Mean, "A random read by number of segments", Any),
        ("roll.svg", "roll", Metrics.Max, "The slowest durable append, with and without rolls", Any),
        ("memory.svg", "memory", Metrics.Memory, "Memory of a process that has a log open", Any),
        ("node.svg", "node", Metrics.Rate, "The node over a pipe", Any),
        ("compress.svg", "compress", Metrics.Share, "What compression leaves of a segment", Any),
        ("old-reads.svg", "old-reads", Metrics.Mean, "A random read of an old segment", Any),
        ("maintenance.svg", "maintenance", Metrics.P999, "Durable appends beside maintenance: 99.9th percentile of the wait", Any),
        ("list.svg", "list", Metrics.Time, "The list of all segments", Any),
        ("start.svg", "start", Metrics.Time, "Process start to first reply", Any),
    ];

    /// <returns>The files written.</returns>
    internal static IReadOnlyList<string> Draw(Results results, string directory)
    {
        Directory.CreateDirectory(directory);
        var files = new List<string>();
        foreach (var (file, workload, metric, title, isWanted) in Charts)
        {
            var groups = results.Series
                .Where(s => s.Workload == workload && s.Metric == metric && isWanted(s.Variant))
                .GroupBy(s => s.Variant)
                .Select(g => new ChartGroup(g.Key, [.. g.Select(BarOf)]))
                .ToList();
            if (groups.Count == 0) continue;
            var path = Path.Combine(directory, file);
            File.WriteAllText(path, new BarChart(title, AxisOf(metric), groups).Draw());
            files.Add(path);
        }
        return files;
    }

    private static ChartBar BarOf(Series series) => new(
        series.Contender, series.Median, series.Min, series.Max,
        series.Contender.StartsWith("AkkaWal", StringComparison.Ordinal) || series.Workload is "opening" or "varied-sizes" or "roll" or "lookup" or "memory" or "old-reads" or "maintenance" or "list");

    private static string AxisOf(string metric) => metric switch
    {
        Metrics.Rate => "a second; median of the rounds, the line is least to most; longer is better",
        _ => $"{Metrics.UnitOf(metric)}; median of the rounds, the line is least to most; shorter is better",
    };

    private static bool Any(string variant) => true;
}
