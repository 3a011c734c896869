using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Peers;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// Concurrent writers. Each one waits until its record is on the disk before it appends the next one.
/// </summary>
internal static class DurableAppends
{
    private const int FrameHeaderBytes = 8, TransactionRecords = 256;

    internal static Workload Workload { get; } = new("durable", Contests);

    internal static string Variant(int writers, int bytes) => $"{writers} writer{(writers == 1 ? "" : "s")}, {bytes} B";

    private static IEnumerable<Contest> Contests(BenchContext context) =>
        from bytes in context.Pick(new[] { 100, 1024 }, [100])
        from writers in context.Pick(new[] { 1, 16, 256, 1024 }, [1, 16])
        select new Contest("durable", Variant(writers, bytes), [.. Contenders(context, writers, Payloads.Of(bytes))]);

    private static IEnumerable<Contender> Contenders(BenchContext context, int writers, byte[] payload)
    {
        yield return new(Names.AkkaWal, () => ThroughActors(context, writers, payload));
        yield return new(Names.AkkaWalAppender, () => ThroughAppender(context, writers, payload));
        yield return new(
            Names.DiskSync, () => new DiskLimit(context).SyncedWrites(writers, payload.Length + FrameHeaderBytes));
        yield return new(
            Names.Faster, () => FasterLogPeer.DurableAppends(context, writers, payload, fastCommit: false));
        yield return new(
            Names.FasterFast, () => FasterLogPeer.DurableAppends(context, writers, payload, fastCommit: true));
        yield return new(Names.DotNext, () => DotNextPeer.DurableAppends(context, writers, payload));
        if (RocksDbPeer.IsAvailable)
            yield return new(Names.RocksDb, () => RocksDbPeer.DurableAppends(context, writers, payload));
        if (EtcdPeer.IsInstalled)
            yield return new(Names.Etcd, () => EtcdPeer.DurableAppends(context, writers, payload));
        if (writers == 1)
        {
            yield return new(Names.AkkaWalLog, () => PlainLog(context, payload));
            yield return new(Names.Sqlite, () => SqlitePeer.DurableAppends(context, 1, payload));
        }
        else
        {
            yield return new(
                Names.SqliteTransactions, () => SqlitePeer.DurableAppends(context, TransactionRecords, payload));
        }
    }

    internal static IReadOnlyList<Figure> ThroughActors(BenchContext context, int writers, byte[] payload)
    {
        using var log = new ActorLog(context, new WalOptions());
        var load = new Load(context, id => new Append(payload, id));
        long syncsBefore = 0;
        load.Run(log.System, log.Log, writers, window: 1, onWarm: () => syncsBefore = log.Files.LogSyncs);
        var syncs = Math.Max(1, log.Files.LogSyncs - syncsBefore);
        return [load.Rate, .. load.Latencies.Figures(), new(Metrics.PerSync, (double)load.Latencies.Count / syncs)];
    }

    private static IReadOnlyList<Figure> ThroughAppender(BenchContext context, int writers, byte[] payload)
    {
        var path = context.NewPath("appender");
        var log = LogAppender.Open(path);
        try
        {
            return Writers.Run(context, writers, () => log.AppendAsync(payload), commit: null);
        }
        finally
        {
            log.DisposeAsync().AsTask().GetAwaiter().GetResult();
            BenchContext.Remove(path);
        }
    }

    private static IReadOnlyList<Figure> PlainLog(BenchContext context, byte[] payload)
    {
        var path = context.NewPath("plain");
        try
        {
            using var log = SegmentedLog.Open(path);
            var latencies = new Latencies();
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < context.WarmUp + context.Duration)
            {
                var start = Stopwatch.GetTimestamp();
                log.Append(payload);
                log.Commit();
                if (clock.Elapsed > context.WarmUp) latencies.AddSince(start);
            }
            return [new(Metrics.Rate, latencies.Count / (clock.Elapsed - context.WarmUp).TotalSeconds),
                .. latencies.Figures()];
        }
        finally
        {
            BenchContext.Remove(path);
        }
    }
}
