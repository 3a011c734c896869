using System.Globalization;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Workloads.Appends;
using AkkaWal.Benchmarks.Workloads.Maintenance;
using AkkaWal.Benchmarks.Workloads.Reads;
using AkkaWal.Benchmarks.Workloads.Startup;

namespace AkkaWal.Benchmarks.Reports;

/// <summary>A goal of the project: AkkaWal's number divided by another one of the same run.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Ours">The contender that has the goal.</param>
/// <param name="Theirs">The one whose number it is divided by; null where the goal is the number itself.</param>
/// <param name="Metric">Which number.</param>
/// <param name="Wanted">The least quotient if more is better, else the highest.</param>
internal sealed record Bar(string Workload, string Variant, string Ours, string? Theirs, string Metric, double Wanted)
{
    /// <summary>The result of a run; null if the run did not measure it.</summary>
    internal string? Verdict(Results results)
    {
        if (results.Find(Workload, Variant, Ours, Metric) is not { } ours) return null;
        var reached = ours.Median;
        var what = $"{Workload}, {Variant}: {Ours}, {Metric}";
        if (Theirs is not null)
        {
            if (results.Find(Workload, Variant, Theirs, Metric) is not { } theirs) return null;
            reached = Series.MedianOf(Results.Ratios(ours, theirs));
            what += $" by {Theirs}";
        }
        var isReached = Metrics.IsMoreBetter(Metric) ? reached >= Wanted : reached <= Wanted;
        var limit = Metrics.IsMoreBetter(Metric) ? "at least" : "at most";
        return $"{(isReached ? "reached    " : "not reached")}  {what}: {Number(reached)}, "
            + $"wanted {limit} {Number(Wanted)}";
    }

    private static string Number(double value) =>
        value.ToString(value >= 100 ? "#,0" : "0.00", CultureInfo.InvariantCulture);
}

/// <summary>All goals.</summary>
internal static class Bars
{
    internal static IReadOnlyList<Bar> All { get; } =
    [
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWal, Names.DiskSync, Metrics.Rate, 0.85),
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWal, Names.Faster, Metrics.Rate, 4),
        new("durable", DurableAppends.Variant(16, 100), Names.AkkaWal, Names.DiskSync, Metrics.Rate, 0.8),
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWalAppender, Names.DiskSync, Metrics.Rate, 0.9),
        .. new[] { 256, 1024 }.Select(writers => new Bar(
            "durable", DurableAppends.Variant(writers, 100), Names.AkkaWalAppender, Names.Faster, Metrics.Rate, 5)),
        // etcd's only writer calls its log in a loop. So it is compared with the plain log, which is called so, too.
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWalLog, Names.Etcd, Metrics.Rate, 1),
        .. new[] { 16, 256, 1024 }.Select(writers => new Bar(
            "durable", DurableAppends.Variant(writers, 100), Names.AkkaWal, Names.Etcd, Metrics.Rate, 1)),
        new("durable", DurableAppends.Variant(256, 100), Names.AkkaWal, Names.Faster, Metrics.Rate, 5),
        new("durable", DurableAppends.Variant(256, 100), Names.AkkaWal, Names.SqliteTransactions, Metrics.Rate, 1.5),
        new("durable", DurableAppends.Variant(1024, 100), Names.AkkaWal, Names.Faster, Metrics.Rate, 3.5),
        new("durable", DurableAppends.Variant(1024, 100), Names.AkkaWal, Names.SqliteTransactions, Metrics.Rate, 2.5),
        // The only writer of dotNext and of RocksDB is such a loop as well.
        .. new[] { Names.DotNext, Names.RocksDb }.SelectMany(peer => (Bar[])
        [
            new("durable", DurableAppends.Variant(1, 100), Names.AkkaWalLog, peer, Metrics.Rate, 1),
            .. new[] { 16, 256, 1024 }.Select(writers =>
                new Bar("durable", DurableAppends.Variant(writers, 100), Names.AkkaWal, peer, Metrics.Rate, 1)),
            new("buffered-batches", "100 B", Names.AkkaWalLog, peer, Metrics.Rate, 1),
            new("scan", "100 B", Names.AkkaWal, peer, Metrics.Rate, 1),
        ]),
        new("buffered-batches", "100 B", Names.AkkaWalLog, Names.Faster, Metrics.Rate, 1.5),
        new("buffered-batches", "100 B", Names.AkkaWalLog, Names.DiskWrite, Metrics.Rate, 0.5),
        new("buffered-messages", "100 B", Names.AkkaWal, Names.EmptyChain, Metrics.Rate, 0.9),
        new("scan", "100 B", Names.AkkaWal, Names.Faster, Metrics.Rate, 3),
        .. new[] { 1, 2 }.SelectMany(threads => new Bar[]
        {
            new(
                "random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalReader, Names.DiskRead,
                Metrics.Rate, 0.8),
            new("random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalReader, Names.Faster, Metrics.Rate, 4),
            new("random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalReader, Names.Sqlite, Metrics.Rate, 4),
            new("random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalMapped, Names.Sqlite, Metrics.Rate, 4),
        }),
        new("random-reads", RandomReads.Variant(2, 100), Names.AkkaWal, null, Metrics.Rate, 300_000),
        new("opening", Openings.Clean, Openings.Size(4096), Openings.Size(100), Metrics.Time, 2),
        new("opening", Openings.Killed, Openings.Size(4096), Openings.FullScan, Metrics.Time, 1),
        new("opening", Openings.Killed, Openings.Size(4096), Openings.TailScan, Metrics.Time, 1),
        .. Compressions.Compressible.Select(kind =>
            new Bar("old-reads", OldSegments.RandomReads(kind), OldSegments.ByDefault, null, Metrics.Mean, 30)),
        new(
            "opening-many", ManySegments.Writer, ManySegments.Segments(100_000), ManySegments.Segments(10_000),
            Metrics.Time, 15),
        new("lookup", "direct", Lookups.Segments(10_000), Lookups.Segments(10), Metrics.Mean, 1.4),
        new("maintenance", DurableAppends.Variant(16, 100), OldSegments.Beside, OldSegments.Alone, Metrics.P999, 2),
        new("list", "GetSegments", OldSegments.Segments(10_000), null, Metrics.Time, 50),
        new("memory", MemoryUse.Reading, Openings.Size(4096), Openings.Size(100), Metrics.Memory, 1.5),
        new("memory", MemoryUse.Appending, Openings.Size(4096), Openings.Size(100), Metrics.Memory, 1.5),
        new("memory", VariedSizes.Memory, Openings.Size(4096), Openings.Size(100), Metrics.Memory, 1.5),
        new("node", "append, os-cache", Names.Node, Names.BareLoop, Metrics.Rate, 0.6),
        new("node", "append, always", Names.Node, Names.BareLoop, Metrics.Rate, 0.5),
        new("node", "read", Names.Node, Names.BareLoop, Metrics.Rate, 0.2),
        .. new[] { 1, 256, 1024 }.Select(tasks => new Bar(
            "client-appends", ClientAppends.Variant(tasks), Names.Client, Names.AkkaWal, Metrics.Rate, 0.8)),
        new("client-scan", ClientReads.ScanVariant, Names.Client, null, Metrics.Rate, 1_000_000),
        new("start", "first reply", Names.Node, null, Metrics.Time, 150),
        new("start", "first reply", Names.Node, null, Metrics.Memory, 60),
    ];
}
