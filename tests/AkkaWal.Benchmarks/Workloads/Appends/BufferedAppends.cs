using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Peers;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// Appends that are acknowledged once the operating system has them: in batches, and one message a record.
/// </summary>
internal static class BufferedAppends
{
    private const int BatchRecords = 1024, FrameHeaderBytes = 8;
    private static readonly WalOptions Buffered = new() { Flush = FlushPolicy.OsCache };

    internal static Workload Batches { get; } = new("buffered-batches", BatchContests);

    internal static Workload Messages { get; } = new("buffered-messages", MessageContests);

    private static IEnumerable<Contest> BatchContests(BenchContext context)
    {
        foreach (var bytes in new[] { 100, 1024 })
        {
            var payload = Payloads.Of(bytes);
            var records = context.Pick(bytes == 100 ? 4_000_000L : 600_000L, 4096L) / BatchRecords * BatchRecords;
            yield return new Contest("buffered-batches", $"{bytes} B",
            [
                new(
                    Names.AkkaWalLog,
                    () => PlainLog(context, records, payload, Buffered with { MaxSegmentBytes = 1L << 30 })),
                new(Names.AkkaWalRolling, () => PlainLog(context, records, payload, Buffered)),
                new(Names.AkkaWal, () => BatchesThroughActors(context, payload)),
                new(Names.Faster, () => FasterLogPeer.BufferedAppends(context, records, payload)),
                new(
                    Names.FasterLarge,
                    () => FasterLogPeer.BufferedAppends(context, records, payload, memorySizeBits: 30)),
                new(Names.DotNext, () => DotNextPeer.BufferedAppends(context, records, payload)),
                .. RocksDbPeer.IsAvailable
                    ? new Contender[]
                    {
                        new(Names.RocksDb, () => RocksDbPeer.BufferedAppends(context, records, payload)),
                    }
                    : [],
                new(Names.DiskWrite, () => new DiskLimit(context).BufferedWrites(records, bytes + FrameHeaderBytes)),
            ]);
        }
    }

    private static IEnumerable<Contest> MessageContests(BenchContext context)
    {
        foreach (var bytes in new[] { 100, 1024 })
        {
            var payload = Payloads.Of(bytes);
            yield return new Contest("buffered-messages", $"{bytes} B",
            [
                new(Names.AkkaWal, () =>
                {
                    using var log = new ActorLog(context, Buffered);
                    return [Flood(context, log.System, log.Log, payload)];
                }),
                new(Names.EmptyChain, () => Flood(context, Props.Create(() => new EmptyManager()), payload)),
                new(Names.BareMessages, () => Flood(context, Props.Create(() => new Echo()), payload)),
            ]);
        }
    }

    private static IReadOnlyList<Figure> PlainLog(
        BenchContext context, long records, byte[] payload, WalOptions options)
    {
        var path = context.NewPath("plain");
        try
        {
            using var log = SegmentedLog.Open(path, options);
            var clock = Stopwatch.StartNew();
            for (var i = 1L; i <= records; i++)
            {
                log.Append(payload);
                if (i % BatchRecords == 0) log.Commit();
            }
            return [new(Metrics.Rate, records / clock.Elapsed.TotalSeconds)];
        }
        finally
        {
            BenchContext.Remove(path);
        }
    }

    private static IReadOnlyList<Figure> BatchesThroughActors(BenchContext context, byte[] payload)
    {
        ReadOnlyMemory<byte>[] batch = [.. Enumerable.Repeat((ReadOnlyMemory<byte>)payload, BatchRecords)];
        using var log = new ActorLog(context, Buffered);
        var load = new Load(context, id => new AppendBatch(batch, id)) { MeasuresLatency = false };
        load.Run(log.System, log.Log, actors: 2, window: 4);
        return [load.Rate with { Value = load.Rate.Value * BatchRecords }];
    }

    private static IReadOnlyList<Figure> Flood(BenchContext context, Props props, byte[] payload)
    {
        using var system = ActorLog.NewSystem();
        // All contenders run on the dispatcher of a log's manager.
        var figure = Flood(
            context, system, system.ActorOf(props.WithDispatcher("akka-wal.manager-dispatcher")), payload);
        system.Terminate().GetAwaiter().GetResult();
        return [figure];
    }

    private static Figure Flood(BenchContext context, ActorSystem system, IActorRef target, byte[] payload)
    {
        var load = new Load(context, id => new Append(payload, id)) { MeasuresLatency = false };
        load.Run(system, target, actors: 2, window: 2048);
        return load.Rate;
    }
}
