using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AkkaWal;

/// <summary>
/// What the logs of this process count, on the meter named <see cref="MeterName"/>. Costs next to nothing while nobody
/// listens.
/// </summary>
public static class WalMetrics
{
    /// <summary>The name to give to OpenTelemetry's AddMeter or to dotnet-counters.</summary>
    public const string MeterName = "AkkaWal";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Records =
        Meter.CreateCounter<long>("akkawal.records", "{record}", "Records committed.");
    private static readonly Counter<long> Bytes =
        Meter.CreateCounter<long>("akkawal.bytes", "By", "Bytes committed, frames included.");
    private static readonly Counter<long> Commits =
        Meter.CreateCounter<long>("akkawal.commits", "{commit}", "Commits: one write each.");
    private static readonly Counter<long> Rolls =
        Meter.CreateCounter<long>("akkawal.rolls", "{roll}", "Segments sealed.");
    private static readonly Counter<long> UpkeepFailures =
        Meter.CreateCounter<long>("akkawal.upkeep.failures", "{operation}", "Operations of retention that failed.");
    private static readonly Histogram<double> SyncSeconds =
        Meter.CreateHistogram<double>("akkawal.sync.duration", "s", "How long syncs of the log took.");

    internal static void Committed(long records, long bytes)
    {
        Commits.Add(1);
        Records.Add(records);
        Bytes.Add(bytes);
    }

    internal static void Synced(long startedAt) => SyncSeconds.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);

    internal static void Rolled() => Rolls.Add(1);

    internal static void UpkeepFailed() => UpkeepFailures.Add(1);
}
