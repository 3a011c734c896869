using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Workloads.Maintenance;
using AkkaWal.Benchmarks.Workloads.Startup;

namespace AkkaWal.Benchmarks.Plots;

/// <summary>Draws the charts of a file of results.</summary>
internal static class Plotter
{
    private const string Records = "records a second", Reads = "reads a second", Requests = "requests a second";
    private static readonly string[] Yardsticks =
        [Names.DiskRead, Names.DiskSync, Openings.TailScan, Openings.FullScan];

    private const string Nanoseconds = "nanoseconds", Microseconds = "microseconds", Milliseconds = "milliseconds";
    private const string MebiBytes = "MiB";

    private static readonly Chart[] Charts =
    [
        new(
            "durable-100.svg", "durable", Metrics.Rate, Records,
            "Durable appends of 100 B: each writer waits for the disk")
        {
            VariantEnd = " 100 B",
        },
        new(
            "durable-1024.svg", "durable", Metrics.Rate, Records,
            "Durable appends of 1 KiB: each writer waits for the disk")
        {
            VariantEnd = " 1024 B",
        },
        new(
            "durable-p99.svg", "durable", Metrics.P99, Microseconds,
            "Durable appends of 100 B: the wait, 99th percentile")
        {
            VariantEnd = " 100 B",
        },
        new("buffered-batches.svg", "buffered-batches", Metrics.Rate, Records, "Buffered appends in batches of 1,024"),
        new(
            "buffered-messages.svg", "buffered-messages", Metrics.Rate, Records,
            "Buffered appends, a message a record"),
        new("scan.svg", "scan", Metrics.Rate, Records, "Sequential scan"),
        new("random-reads.svg", "random-reads", Metrics.Rate, Reads, "Random reads by offset"),
        new("varied-sizes.svg", "varied-sizes", Metrics.Rate, Reads, "Random reads of records of varied size"),
        new("opening.svg", "opening", Metrics.Time, Milliseconds, "Opening a log"),
        new("opening-many.svg", "opening-many", Metrics.Time, Milliseconds, "Opening a log of very many segments"),
        new("many-logs.svg", "many-logs", Metrics.Rate, Records, "Durable appends to many logs of one process"),
        new("many-logs-memory.svg", "many-logs", Metrics.Memory, MebiBytes, "Memory of a process with many logs"),
        new("lookup.svg", "lookup", Metrics.Mean, Microseconds, "A random read by number of segments"),
        new("roll.svg", "roll", Metrics.Max, Microseconds, "The slowest durable append, with and without rolls"),
        new("memory.svg", "memory", Metrics.Memory, MebiBytes, "Memory of a process that has a log open"),
        new("node.svg", "node", Metrics.Rate, Requests, "The node over a pipe"),
        new("compress.svg", "compress", Metrics.Share, "% of the segment", "What compression leaves of a segment")
        {
            VariantStart = Compressions.Compressible,
        },
        new("compress-read.svg", "compress", Metrics.Mean, Microseconds, "What it takes to give a block back")
        {
            VariantStart = Compressions.Compressible,
        },
        new("old-reads.svg", "old-reads", Metrics.Mean, Microseconds, "A read of an old segment by offset"),
        new(
            "maintenance.svg", "maintenance", Metrics.P999, Microseconds,
            "Appends beside maintenance: the wait, 99.9th percentile"),
        new("list.svg", "list", Metrics.Time, Milliseconds, "The list of all segments"),
        new("ownership-check.svg", "ownership-check", Metrics.PerCall, Nanoseconds,
            "What a log asks before each acknowledgement"),
        new("telemetry.svg", "telemetry", Metrics.PerCall, Nanoseconds, "Metrics and activities of an append"),
        new("start.svg", "start", Metrics.Time, Milliseconds, "Process start to first reply"),
        new("client-appends.svg", "client-appends", Metrics.Rate, Records, "Durable appends by tasks through a client"),
        new("client-scan.svg", "client-scan", Metrics.Rate, Records, "Sequential scan through a client"),
        new("follow.svg", "follow", Metrics.P99, Microseconds, "From an append to its follower, 99th percentile"),
    ];

    /// <returns>The files written.</returns>
    internal static IReadOnlyList<string> Draw(Results results, string directory)
    {
        Directory.CreateDirectory(directory);
        var files = new List<string>();
        foreach (var chart in Charts)
        {
            var groups = results.Series
                .Where(s => s.Workload == chart.Workload && s.Metric == chart.Metric && chart.Shows(s.Variant))
                .GroupBy(s => s.Variant)
                .Select(g => new ChartGroup(g.Key, [.. g.Select(BarOf)]))
                .ToList();
            if (groups.Count == 0) continue;
            var path = Path.Combine(directory, chart.File);
            var better = Metrics.IsMoreBetter(chart.Metric) ? "longer" : "shorter";
            var legend = $"median of the rounds; the whisker goes from the least to the most; {better} is better; "
                + "each panel has its own scale";
            File.WriteAllText(path, new BarChart(chart.Title, legend, chart.Axis, groups).Draw());
            files.Add(path);
        }
        return files;
    }

    private static ChartBar BarOf(Series series) =>
        new(series.Contender, series.Median, series.Min, series.Max, IsOurs(series));

    // In workloads with other products, the names of AkkaWal's contenders begin with its name. In the others all
    // contenders are AkkaWal's, except for the yardsticks.
    private static bool IsOurs(Series series) => series.Workload switch
    {
        "compress" => Compressions.Used.Contains(series.Contender),
        "durable" or "buffered-batches" or "buffered-messages" or "scan" or "random-reads" or "node" or "start" =>
            series.Contender.StartsWith(Names.AkkaWal, StringComparison.Ordinal),
        _ => !Yardsticks.Any(name => series.Contender.StartsWith(name, StringComparison.Ordinal)),
    };

    /// <param name="File">The name of the chart's file.</param>
    /// <param name="Workload">The workload that it shows.</param>
    /// <param name="Metric">The metric that it shows.</param>
    /// <param name="Axis">The text below the axis, with the unit.</param>
    /// <param name="Title">The text above the chart.</param>
    private sealed record Chart(string File, string Workload, string Metric, string Axis, string Title)
    {
        /// <summary>The chart shows the variants whose names end so...</summary>
        internal string VariantEnd { get; init; } = "";

        /// <summary>...and start with one of these.</summary>
        internal IReadOnlyList<string> VariantStart { get; init; } = [""];

        internal bool Shows(string variant) =>
            variant.EndsWith(VariantEnd, StringComparison.Ordinal)
            && VariantStart.Any(start => variant.StartsWith(start, StringComparison.Ordinal));
    }
}
