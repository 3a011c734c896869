using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace AkkaWal.Cluster;

/// <summary>
/// The instruments of the regions of this process, on the meter <see cref="WalMetrics.MeterName"/>. The instruments of
/// each log are there too: the tag <see cref="WalMetrics.LogTag"/> of a sharded log is the region's name, a colon and
/// the name of the log's folder.
/// </summary>
public static class ShardedWalMetrics
{
    /// <summary>The tag with the region's name.</summary>
    public const string RegionTag = "akkawal.region";

    /// <summary>
    /// The tag with the reason why a request was refused before it reached its log: <c>late</c> (after its deadline),
    /// <c>moving</c> (the log is being closed or opened again), <c>dropped</c> (by sharding), <c>full</c> (too many
    /// wait for the log), <c>invalid</c> or <c>misplaced</c> (the log may not be opened on this node).
    /// </summary>
    public const string ReasonTag = "akkawal.region.reason";

    private static readonly Meter Meter = new(WalMetrics.MeterName);

    private static readonly ConcurrentDictionary<RegionMetrics, bool> Regions = new();

    internal static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "akkawal.region.refusals", "{request}", "Requests to sharded logs that were refused before they reached one.");

    internal static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "akkawal.region.retries", "{request}", "Requests that clients on this node sent again.");

    internal static readonly Histogram<double> LockWait = Meter.CreateHistogram<double>(
        "akkawal.region.lock.wait", "s", "How long logs waited for their previous owner's lock.");

    static ShardedWalMetrics()
    {
        Meter.CreateObservableUpDownCounter(
            "akkawal.region.logs", () => Observe(region => region.Logs), "{log}", "Logs that are open on this node.");
        Meter.CreateObservableUpDownCounter(
            "akkawal.region.shards", () => Observe(region => region.Shards), "{shard}",
            "Shards with an open log on this node.");
    }

    internal static void Add(RegionMetrics region) => Regions[region] = true;

    internal static void Remove(RegionMetrics region) => Regions.TryRemove(region, out _);

    private static IEnumerable<Measurement<long>> Observe(Func<RegionMetrics, long> value) =>
        Regions.Keys.Select(region => new Measurement<long>(value(region), region.Tag));
}

/// <summary>The counts of one region. For any number of threads.</summary>
internal sealed class RegionMetrics(string name)
{
    private readonly ConcurrentDictionary<string, int> _openByLog = new(StringComparer.Ordinal);

    internal KeyValuePair<string, object?> Tag { get; } = new(ShardedWalMetrics.RegionTag, name);

    internal long Logs => _openByLog.Count;

    internal long Shards => _openByLog.Values.Distinct().Count();

    internal void Opened(string log, int shard) => _openByLog[log] = shard;

    internal void Closed(string log) => _openByLog.TryRemove(log, out _);

    internal void Refused(string reason) =>
        ShardedWalMetrics.Refusals.Add(1, Tag, new(ShardedWalMetrics.ReasonTag, reason));

    internal void Retried() => ShardedWalMetrics.Retries.Add(1, Tag);

    internal void WaitedForLock(TimeSpan time) => ShardedWalMetrics.LockWait.Record(time.TotalSeconds, Tag);
}
