using System.Diagnostics;
using System.Diagnostics.Metrics;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Workloads.Appends;

/// <summary>
/// What metrics and activities add to an append, where nobody listens to them and where somebody does. The append waits
/// for no disk and shares its commit with no other: there they are the largest part.
/// </summary>
internal static class Telemetry
{
    private const string Name = "telemetry";

    private static readonly Append Request = new(Payloads.Of(ClientAppends.RecordBytes), RequestId: 1);

    internal static Workload Workload { get; } = new(Name, Contests);

    private static IEnumerable<Contest> Contests(BenchContext context)
    {
        yield return new Contest(Name, "one append, one commit",
        [
            new("metrics, nobody listens", () => [new(Metrics.PerCall, OfMetrics(context))]),
            new("activity, nobody listens", () => [new(Metrics.PerCall, OfActivity(context))]),
            new("an append, nobody listens", () => Append(context)),
            new("metrics, with a listener", () => Listening(() => [new(Metrics.PerCall, OfMetrics(context))])),
            new("activity, with a listener", () => Listening(() => [new(Metrics.PerCall, OfActivity(context))])),
            new("an append, with a listener", () => Listening(() => Append(context))),
        ], Metrics.PerCall);
    }

    private static double OfMetrics(BenchContext context)
    {
        var metrics = new LogMetrics("orders");
        return context.NanosecondsPerCall(() =>
        {
            var startedAt = Stopwatch.GetTimestamp();
            metrics.Committed(requests: 1, records: 1, ClientAppends.RecordBytes, startedAt);
            metrics.Synced(startedAt);
        });
    }

    private static double OfActivity(BenchContext context)
    {
        var reply = new Appended(Offset: 0, Request.RequestId);
        return context.NanosecondsPerCall(() =>
        {
            using var activity = WalTracing.Start(Request, "orders");
            WalTracing.Note(activity, reply);
        });
    }

    private static IReadOnlyList<Figure> Append(BenchContext context)
    {
        var telemetry = OfMetrics(context) + OfActivity(context);
        using var log = new ActorLog(context, new WalOptions { Flush = FlushPolicy.OsCache });
        var client = ClientAppends.ClientOf(log);
        var append = context.NanosecondsPerCall(
            () => client.AppendAsync(Request.Payload).GetAwaiter().GetResult(), callsPerLook: 1);
        return [new(Metrics.PerCall, append), new(Metrics.Share, 100 * telemetry / append)];
    }

    // The listeners do nothing: what an exporter does with a measurement is its own cost.
    private static IReadOnlyList<Figure> Listening(Func<IReadOnlyList<Figure>> measure)
    {
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == WalMetrics.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        meters.Start();
        using var activities = new ActivityListener();
        activities.ShouldListenTo = static source => source.Name == WalTracing.SourceName;
        activities.Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
            ActivitySamplingResult.AllDataAndRecorded;
        ActivitySource.AddActivityListener(activities);
        return measure();
    }
}
