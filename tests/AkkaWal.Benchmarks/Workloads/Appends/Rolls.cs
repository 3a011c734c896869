using System.Diagnostics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Peers;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// What a roll does to the slowest durable append: segments so small that they roll all the time, beside a segment that
/// never rolls.
/// </summary>
internal static class Rolls
{
    private const int RecordBytes = 100, SmallSegmentBytes = 256 << 10, RollsAlone = 20;
    private const string Rolling = "rolls every 256 KiB", NeverRolling = "never rolls", Alone = "a roll alone";

    internal static Workload Workload { get; } = new("roll", Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var payload = Payloads.Of(RecordBytes);
        foreach (var writers in new[] { 16, 256 })
        {
            yield return new Contest("roll", DurableAppends.Variant(writers, RecordBytes),
            [
                new(Rolling, () => Append(context, writers, payload, SmallSegmentBytes)),
                new(NeverRolling, () => Append(context, writers, payload, 1L << 30)),
                new(Alone, () => RollAlone(context, payload)),
                new(Names.DiskSync, () => new DiskLimit(context).SyncedWrites(1, RecordBytes)),
            ], Metrics.Max);
        }
    }

    private static IReadOnlyList<Figure> Append(BenchContext context, int writers, byte[] payload, long maxSegmentBytes)
    {
        using var log = new ActorLog(context, new WalOptions { MaxSegmentBytes = maxSegmentBytes });
        var load = new Load(context, id => new Append(payload, id));
        load.Run(log.System, log.Log, writers, window: 1);
        return [load.Rate, .. load.Latencies.Figures()];
    }

    private static IReadOnlyList<Figure> RollAlone(BenchContext context, byte[] payload)
    {
        var path = context.NewPath("rolls");
        try
        {
            using var log = SegmentedLog.Open(path);
            var latencies = new Latencies();
            for (var i = 0; i < context.Pick(RollsAlone, 2); i++)
            {
                log.Append(payload);
                log.Commit();
                var start = Stopwatch.GetTimestamp();
                log.SealActive();
                latencies.AddSince(start);
            }
            return [.. latencies.Figures()];
        }
        finally
        {
            BenchContext.Remove(path);
        }
    }
}
