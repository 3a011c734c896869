using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AkkaWal.Protocol;
using AkkaWal.Storage.Catalog;

namespace AkkaWal;

/// <summary>
/// The metrics of the logs in this process, on the meter named <see cref="MeterName"/>; docs/OPERATING.md lists the
/// instruments. Each measurement has the log's name as the tag <see cref="LogTag"/>. Without a listener nothing is
/// allocated for them.
/// </summary>
public static class WalMetrics
{
    /// <summary>The meter's name, for OpenTelemetry's AddMeter or dotnet-counters.</summary>
    public const string MeterName = "AkkaWal";

    /// <summary>
    /// The tag with the log's name: the name in <see cref="Wal.Log"/>, or the actor's name if the log was made by
    /// <see cref="LogManager.Props"/>.
    /// </summary>
    public const string LogTag = "akkawal.log";

    /// <summary>The tag with the <see cref="FailureKind"/> of refusals.</summary>
    public const string KindTag = "akkawal.failure.kind";

    /// <summary>The tag with the part of a recovery: <c>directory</c> or <c>segment</c>.</summary>
    public const string StepTag = "akkawal.recovery.step";

    /// <summary>
    /// The tag with a segment's state: <c>active</c>, <c>sealed</c>, <c>compressed</c> or <c>archived</c>.
    /// </summary>
    public const string StateTag = "akkawal.segment.state";

    // The buckets cover the durations of a sync: from 10 us to seconds.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries =
            [0.00001, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10],
    };

    private static readonly InstrumentAdvice<long> Counts = new()
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536],
    };

    private static readonly Meter Meter = new(MeterName);

    private static readonly ConcurrentDictionary<LogMetrics, Func<LogGauges>> Open = new();

    internal static readonly Counter<long> Appends = Meter.CreateCounter<long>(
        "akkawal.appends", "{request}", "Requests to append a record or a batch that were committed.");

    internal static readonly Counter<long> Records = Meter.CreateCounter<long>(
        "akkawal.records", "{record}", "Records that were committed.");

    internal static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "akkawal.bytes", "By", "Bytes that were committed, with frames.");

    internal static readonly Histogram<long> CommitSize = Meter.CreateHistogram(
        "akkawal.commit.size", "{record}", "Records that share a commit, which is one write.", advice: Counts);

    internal static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "akkawal.commit.duration", "s", "How long the writes of commits took, without their syncs.", advice: Durations);

    internal static readonly Histogram<double> SyncDuration = Meter.CreateHistogram(
        "akkawal.sync.duration", "s", "How long syncs of the log took.", advice: Durations);

    internal static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "akkawal.refusals", "{request}", "Requests that were answered with a failure.");

    internal static readonly Counter<long> Reads = Meter.CreateCounter<long>(
        "akkawal.reads", "{request}", "Requests to read or to locate records that arrived.");

    internal static readonly Counter<long> Rolls = Meter.CreateCounter<long>(
        "akkawal.rolls", "{segment}", "Segments that were sealed.");

    internal static readonly Counter<long> UpkeepFailures = Meter.CreateCounter<long>(
        "akkawal.upkeep.failures", "{operation}", "Operations of retention that failed.");

    internal static readonly Histogram<double> RecoveryDuration = Meter.CreateHistogram(
        "akkawal.recovery.duration", "s", "How long openings took of a directory, and of its active segment.",
        advice: Durations);

    static WalMetrics()
    {
        Meter.CreateObservableUpDownCounter(
            "akkawal.queue.size", () => Observe(gauges => gauges.PendingBytes), "By",
            "Bytes of appends that are not answered yet; at max-pending-bytes appends are refused.");
        Meter.CreateObservableUpDownCounter(
            "akkawal.disk.size", () => Observe(gauges => gauges.Segments.DiskBytes + gauges.ActiveBytes), "By",
            "Bytes of records in the log's directory, with frames or compressed; without indexes and archives.");
        Meter.CreateObservableUpDownCounter(
            "akkawal.segments", ObserveSegments, "{segment}", "Segments of the log by their state.");
        Meter.CreateObservableGauge(
            "akkawal.latched", () => Observe(gauges => gauges.IsLatched ? 1 : 0), "{failure}",
            "1 where a failed write or sync keeps the log from taking appends until it is opened anew, else 0.");
    }

    /// <summary>Adds a log to the observed ones. For any thread.</summary>
    internal static void Add(LogMetrics log, Func<LogGauges> gauges) => Open[log] = gauges;

    /// <summary>Removes a log from the observed ones.</summary>
    internal static void Remove(LogMetrics log) => Open.TryRemove(log, out _);

    private static IEnumerable<Measurement<long>> Observe(Func<LogGauges, long> value) =>
        Open.Select(log => new Measurement<long>(value(log.Value()), log.Key.Tag));

    private static IEnumerable<Measurement<long>> ObserveSegments()
    {
        foreach (var (log, gauges) in Open)
        {
            var segments = gauges().Segments;
            yield return InState("active", segments.ActiveCount);
            yield return InState("sealed", segments.PlainCount);
            yield return InState("compressed", segments.CompressedCount);
            yield return InState("archived", segments.ArchivedCount);

            Measurement<long> InState(string state, int count) => new(count, log.Tag, new(StateTag, state));
        }
    }
}

/// <summary>The metrics of one log. For any number of threads.</summary>
/// <param name="name">The log's name.</param>
internal sealed class LogMetrics(string name)
{
    // Made once: to box a kind for each refusal would allocate, and a log that refuses does so often.
    private static readonly KeyValuePair<string, object?>[] Kinds =
        [.. Enum.GetNames<FailureKind>().Select(kind => new KeyValuePair<string, object?>(WalMetrics.KindTag, kind))];

    private static readonly KeyValuePair<string, object?>
        DirectoryStep = new(WalMetrics.StepTag, "directory"), SegmentStep = new(WalMetrics.StepTag, "segment");

    /// <summary>For requests that reached no log.</summary>
    internal static readonly LogMetrics OfNone = new("");

    internal KeyValuePair<string, object?> Tag { get; } = new(WalMetrics.LogTag, name);

    internal void Committed(int requests, long records, long bytes, long startedAt)
    {
        WalMetrics.Appends.Add(requests, Tag);
        WalMetrics.Records.Add(records, Tag);
        WalMetrics.Bytes.Add(bytes, Tag);
        WalMetrics.CommitSize.Record(records, Tag);
        WalMetrics.CommitDuration.Record(SecondsSince(startedAt), Tag);
    }

    internal void Synced(long startedAt) => WalMetrics.SyncDuration.Record(SecondsSince(startedAt), Tag);

    internal void Refused(FailureKind kind, int requests = 1) =>
        WalMetrics.Refusals.Add(requests, Tag, Kinds[(int)kind]);

    internal void Read() => WalMetrics.Reads.Add(1, Tag);

    internal void Rolled() => WalMetrics.Rolls.Add(1, Tag);

    internal void UpkeepFailed() => WalMetrics.UpkeepFailures.Add(1, Tag);

    internal void OpenedDirectory(long startedAt) =>
        WalMetrics.RecoveryDuration.Record(SecondsSince(startedAt), Tag, DirectoryStep);

    internal void RecoveredSegment(long startedAt) =>
        WalMetrics.RecoveryDuration.Record(SecondsSince(startedAt), Tag, SegmentStep);

    private static double SecondsSince(long startedAt) => Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
}

/// <summary>The gauges of a log at one moment.</summary>
/// <param name="PendingBytes">The bytes of appends that are not answered.</param>
/// <param name="ActiveBytes">The bytes of the active segment's records.</param>
/// <param name="IsLatched">
/// Whether a failure is latched, so that the log takes no appends until it is opened anew.
/// </param>
/// <param name="Segments">The number and size of its segments by state.</param>
internal readonly record struct LogGauges(
    long PendingBytes, long ActiveBytes, bool IsLatched, SegmentTotals Segments);
