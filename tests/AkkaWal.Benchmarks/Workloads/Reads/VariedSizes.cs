using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Benchmarks.Workloads.Startup;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Reads;

/// <summary>
/// A short log and a long one of records of varied size, whose indexes take two bytes a record. The indexes of the long
/// one have no room in memory.
/// </summary>
internal static class VariedSizes
{
    internal const string Memory = "66 to 133 B, " + MemoryUse.Reading;
    private const string Reads = "random reads, 66 to 133 B";
    private const int LeastBytes = 66, MostBytes = 133;

    internal static Workload Workload { get; } = new("varied-sizes", Contests);

    private static string Mapped(int mebibytes) => $"{Openings.Size(mebibytes)}, mapped";

    private static string NoIndex(int mebibytes) => $"{Openings.Size(mebibytes)}, no index in memory";

    private static string ThroughActors(int mebibytes) => $"{Openings.Size(mebibytes)}, through the actors";

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var (few, many) = context.Pick((100, 4096), (1, 2));
        using var small = new LargeLog(context, (long)few << 20, FlushPolicy.OsCache, LeastBytes, MostBytes);
        using var large = new LargeLog(context, (long)many << 20, FlushPolicy.OsCache, LeastBytes, MostBytes);
        foreach (var log in new[] { small, large }) SegmentedLog.Open(log.Path).Close();
        yield return new Contest("varied-sizes", Reads,
        [
            new(Openings.Size(few), () => Direct(context, small, new LogReaderOptions())),
            new(Openings.Size(many), () => Direct(context, large, new LogReaderOptions())),
            new(NoIndex(many), () => Direct(context, large, new LogReaderOptions { MaxIndexBytes = 0 })),
            new(Mapped(few), () => Direct(context, small, new LogReaderOptions { MapSegments = true })),
            new(Mapped(many), () => Direct(context, large, new LogReaderOptions { MapSegments = true })),
            new(ThroughActors(few), () => Asked(context, small)),
            new(ThroughActors(many), () => Asked(context, large)),
        ], Metrics.Rate);
        yield return new Contest("memory", Memory,
        [
            new(Openings.Size(few), () => MemoryUse.Measure(small, "read")),
            new(Openings.Size(many), () => MemoryUse.Measure(large, "read")),
        ], Metrics.Memory) { Rounds = 3, WarmsUp = false };
    }

    private static IReadOnlyList<Figure> Direct(BenchContext context, LargeLog log, LogReaderOptions options)
    {
        using var reader = LogReader.Open(log.Path, options);
        var end = reader.NextOffset;
        return [Threads.Rate(context, 1, random => () => reader.Read(random.NextInt64(end)))];
    }

    private static IReadOnlyList<Figure> Asked(BenchContext context, LargeLog log)
    {
        using var opened = new ActorLog(context, new WalOptions(), log.Path);
        var next = new WalClient(opened.Log, TimeSpan.FromSeconds(30)).GetInfoAsync()
            .GetAwaiter().GetResult().NextOffset;
        var load = new Load(context, id => new Read(Random.Shared.NextInt64(next), id)) { MeasuresLatency = false };
        load.Run(opened.System, opened.Log, 1, RandomReads.ActorWindow);
        return [load.Rate];
    }
}
