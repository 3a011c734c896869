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
/// <param name="Limit">The least quotient if more is better, else the highest.</param>
/// <param name="WhyMissed">What keeps AkkaWal from it where it is missed.</param>
internal sealed record Goal(
    string Workload, string Variant, string Ours, string? Theirs, string Metric, double Limit,
    string WhyMissed = "not known")
{
    /// <summary>The verdict on a goal that is reached.</summary>
    internal const string Reached = "reached";

    /// <summary>What is measured.</summary>
    internal string What =>
        $"{Workload}, {Variant}: {Ours}, {Metric}" + (Theirs is null ? "" : $" by {Theirs}");

    /// <summary>The goal, as a text.</summary>
    internal string Wanted => $"at {(IsMoreBetter ? "least" : "most")} {Number(Limit)}";

    private bool IsMoreBetter => Metrics.IsMoreBetter(Metric);

    /// <summary>The number that the goal is about; null if the run did not measure it.</summary>
    internal double? Measured(Results results)
    {
        if (results.Find(Workload, Variant, Ours, Metric) is not { } ours) return null;
        if (Theirs is null) return ours.Median;
        return results.Find(Workload, Variant, Theirs, Metric) is { } theirs
            ? Series.MedianOf(Results.Ratios(ours, theirs)) : null;
    }

    /// <summary>Whether the goal is reached, or by how much it is missed.</summary>
    internal string Verdict(double measured)
    {
        if (IsMoreBetter ? measured >= Limit : measured <= Limit) return Reached;
        var missing = IsMoreBetter ? 1 - measured / Limit : measured / Limit - 1;
        return $"{missing.ToString("0.0 %", CultureInfo.InvariantCulture)} short";
    }

    internal static string Number(double value) =>
        value.ToString(value >= 100 ? "#,0" : "0.00", CultureInfo.InvariantCulture);
}

/// <summary>All goals.</summary>
internal static class Goals
{
    // Why a goal is missed where it is. Profiles and figures of the same run show it.
    private const string
        Wakeups = "four messages of actors pass between a caller and the sync: see the appender, which has none",
        Tail = "waking threads of the pool take the processors from the log's own; the slowest commits suffer most",
        Processor = "2 to 3 us of both processors an append, for messages, pool, replies; the peer waits for the disk",
        EtcdAlone = "etcd's only writer is also ahead of the bare calls of this process; the cause is not known",
        Rewrite = "what was never synced is written again and synced before it is served: a scan only reads",
        Record = "a record also costs its copy, its checksum and its share of a write",
        Pages = "the kernel finds a page of many files later: see pread in the same contest",
        ReadCall = "nearly all of a read is the system call, and this machine's processor makes it slowly",
        Block = "a block of 16 KiB is decompressed for one record; smaller blocks, or LZ4, need more room",
        Messages = "the loop also parses and prints, but it sends no messages and keeps no records",
        Runtime = "the start of the runtime is a fixed part (see the bare loop); most of the rest is that of Akka.NET";

    internal static IReadOnlyList<Goal> All { get; } =
    [
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWal, Names.DiskSync, Metrics.Rate, 0.85, Wakeups),
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWal, Names.Faster, Metrics.Rate, 4, Wakeups),
        new("durable", DurableAppends.Variant(16, 100), Names.AkkaWal, Names.DiskSync, Metrics.Rate, 0.8, Tail),
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWalAppender, Names.DiskSync, Metrics.Rate, 0.9),
        .. new[] { 256, 1024 }.Select(writers => new Goal(
            "durable", DurableAppends.Variant(writers, 100), Names.AkkaWalAppender, Names.Faster, Metrics.Rate, 5,
            Processor)),
        .. new[] { 1, 16 }.Select(writers => new Goal(
            "durable", DurableAppends.Variant(writers, 100), Names.AkkaWal, Names.DiskSync, Metrics.P999, 3, Tail)),
        // etcd's only writer calls its log in a loop. So it is compared with the plain log, which is called so, too.
        new("durable", DurableAppends.Variant(1, 100), Names.AkkaWalLog, Names.Etcd, Metrics.Rate, 1, EtcdAlone),
        .. new[] { 16, 256, 1024 }.Select(writers => new Goal(
            "durable", DurableAppends.Variant(writers, 100), Names.AkkaWal, Names.Etcd, Metrics.Rate, 1, Processor)),
        new("durable", DurableAppends.Variant(256, 100), Names.AkkaWal, Names.Faster, Metrics.Rate, 5, Processor),
        new(
            "durable", DurableAppends.Variant(256, 100), Names.AkkaWal, Names.SqliteTransactions, Metrics.Rate, 1.5,
            Processor),
        new("durable", DurableAppends.Variant(1024, 100), Names.AkkaWal, Names.Faster, Metrics.Rate, 3.5, Processor),
        new(
            "durable", DurableAppends.Variant(1024, 100), Names.AkkaWal, Names.SqliteTransactions, Metrics.Rate, 2.5,
            Processor),
        // The only writer of dotNext and of RocksDB is such a loop as well.
        .. new[] { Names.DotNext, Names.RocksDb }.SelectMany(peer => (Goal[])
        [
            new("durable", DurableAppends.Variant(1, 100), Names.AkkaWalLog, peer, Metrics.Rate, 1),
            .. new[] { 16, 256, 1024 }.Select(writers =>
                new Goal("durable", DurableAppends.Variant(writers, 100), Names.AkkaWal, peer, Metrics.Rate, 1)),
            new("buffered-batches", "100 B", Names.AkkaWalLog, peer, Metrics.Rate, 1),
            new("scan", "100 B", Names.AkkaWal, peer, Metrics.Rate, 1),
        ]),
        new("buffered-batches", "100 B", Names.AkkaWalLog, Names.Faster, Metrics.Rate, 1.5),
        new("buffered-batches", "100 B", Names.AkkaWalLog, Names.DiskWrite, Metrics.Rate, 0.5, Record),
        new("buffered-messages", "100 B", Names.AkkaWal, Names.EmptyChain, Metrics.Rate, 0.9, Record),
        new("scan", "100 B", Names.AkkaWal, Names.Faster, Metrics.Rate, 3),
        .. new[] { 1, 2 }.SelectMany(threads => new Goal[]
        {
            new(
                "random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalReader, Names.DiskRead,
                Metrics.Rate, 0.8),
            new("random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalReader, Names.Faster, Metrics.Rate, 4),
            new("random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalReader, Names.Sqlite, Metrics.Rate, 4,
                ReadCall),
            new("random-reads", RandomReads.Variant(threads, 100), Names.AkkaWalMapped, Names.Sqlite, Metrics.Rate, 4),
        }),
        new("random-reads", RandomReads.Variant(2, 100), Names.AkkaWal, null, Metrics.Rate, 300_000),
        new("opening", Openings.Clean, Openings.Size(4096), Openings.Size(100), Metrics.Time, 2),
        new("opening", Openings.Killed, Openings.Size(4096), Openings.FullScan, Metrics.Time, 1, Rewrite),
        new("opening", Openings.Killed, Openings.Size(4096), Openings.TailScan, Metrics.Time, 1, Rewrite),
        .. Compressions.Compressible.Select(kind =>
            new Goal("old-reads", OldSegments.RandomReads(kind), OldSegments.ByDefault, null, Metrics.Mean, 30, Block)),
        new(
            "opening-many", ManySegments.Writer, ManySegments.Segments(100_000), ManySegments.Segments(10_000),
            Metrics.Time, 15),
        new("lookup", "direct", Lookups.Segments(10_000), Lookups.Segments(10), Metrics.Mean, 1.4, Pages),
        new("maintenance", DurableAppends.Variant(16, 100), OldSegments.Beside, OldSegments.Alone, Metrics.P999, 2),
        new("list", "GetSegments", OldSegments.Segments(10_000), null, Metrics.Time, 50),
        new("memory", MemoryUse.Reading, Openings.Size(4096), Openings.Size(100), Metrics.Memory, 1.5),
        new("memory", MemoryUse.Appending, Openings.Size(4096), Openings.Size(100), Metrics.Memory, 1.5),
        new("memory", VariedSizes.Memory, Openings.Size(4096), Openings.Size(100), Metrics.Memory, 1.5),
        new("node", "append, os-cache", Names.Node, Names.BareLoop, Metrics.Rate, 0.6, Messages),
        new("node", "append, always", Names.Node, Names.BareLoop, Metrics.Rate, 0.5, Messages),
        new("node", "read", Names.Node, Names.BareLoop, Metrics.Rate, 0.2, Messages),
        .. new[] { 1, 256, 1024 }.Select(tasks => new Goal(
            "client-appends", ClientAppends.Variant(tasks), Names.Client, Names.AkkaWal, Metrics.Rate, 0.8)),
        new("client-scan", ClientReads.ScanVariant, Names.Client, null, Metrics.Rate, 1_000_000),
        new("start", "first reply", Names.Node, null, Metrics.Time, 150, Runtime),
        new("start", "first reply", Names.Node, null, Metrics.Memory, 60),
    ];
}
