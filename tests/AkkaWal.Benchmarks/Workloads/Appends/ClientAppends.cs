using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Storage;
using AkkaWal.Streams;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// Durable appends as an application makes them: by tasks on an <see cref="IWalClient"/>, beside as many actors that
/// tell the log; and through a sink of Akka.Streams.
/// </summary>
internal static class ClientAppends
{
    internal const int RecordBytes = 100;

    internal static Workload Workload { get; } = new("client-appends", Contests);

    internal static string Variant(int tasks) => $"{tasks} task{(tasks == 1 ? "" : "s")}, {RecordBytes} B";

    /// <summary>A client of a log, whose timeout no request of a benchmark reaches.</summary>
    internal static IWalClient ClientOf(ActorLog log) => new WalClient(log.Log, TimeSpan.FromMinutes(1));

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        var payload = Payloads.Of(RecordBytes);
        foreach (var tasks in context.Pick(new[] { 1, 256, 1024 }, [1, 16]))
        {
            yield return new Contest("client-appends", Variant(tasks),
            [
                new(Names.AkkaWal, () => DurableAppends.ThroughActors(context, tasks, payload)),
                new(Names.Client, () => ThroughClient(context, tasks, payload)),
            ]);
        }
        yield return new Contest("client-appends", "stream",
            [new(Names.StreamSink, () => ThroughSink(context, payload))]);
    }

    private static IReadOnlyList<Figure> ThroughClient(BenchContext context, int tasks, byte[] payload)
    {
        using var log = new ActorLog(context, new WalOptions());
        var client = ClientOf(log);
        var figures = Writers.Run(context, tasks, () => client.AppendAsync(payload), commit: null);
        var records = client.GetInfoAsync().GetAwaiter().GetResult().EntryCount;
        return [.. figures, new(Metrics.PerSync, (double)records / Math.Max(1, log.Files.LogSyncs))];
    }

    private static IReadOnlyList<Figure> ThroughSink(BenchContext context, byte[] payload)
    {
        using var log = new ActorLog(context, new WalOptions());
        using var materializer = log.System.Materializer();
        var client = ClientOf(log);
        Append(context.WarmUp);
        var appended = Append(context.Duration);
        return [new(Metrics.Rate, appended / context.Duration.TotalSeconds)];

        // The stream takes records as fast as it appends them, until the time is over.
        long Append(TimeSpan time) => Source.Repeat((ReadOnlyMemory<byte>)payload)
            .TakeWithin(time)
            .RunWith(WalSink.Append(client), materializer)
            .GetAwaiter().GetResult();
    }
}
