using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests;

/// <summary>The instruments of a region and of its logs.</summary>
public sealed class MetricsSpec : ClusterSpec
{
    // Other specs run at the same time. Their regions have another name.
    private const string Region = "measured";

    private readonly ConcurrentDictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<double> _waits = [];
    private readonly MeterListener _listener = new();

    public override Task InitializeAsync()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == WalMetrics.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            Note(instrument, 1, tags);
            if (instrument.Name == "akkawal.region.lock.wait" && tags[0].Value as string == Region)
                _waits.Enqueue(value);
        });
        _listener.Start();
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        _listener.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Region_and_logs_should_be_counted_by_their_names()
    {
        var (node, logs) = await Start();
        foreach (var name in new[] { "Orders", "bills" })
            await logs.Client(name, TestCluster.Patience).AppendAsync(new byte[] { 1 });
        var late = new Akka.Cluster.Sharding.ShardingEnvelope(
            "bills", new ShardedRequest(new Protocol.GetLogInfo(), DateTime.MinValue));
        await Futures.Ask(logs.Region, late, TestCluster.Patience);
        using var asker = Inbox.Create(node.System);
        var append = ShardedWal.Envelope("bills", new Protocol.Append(new byte[] { 1 }), TestCluster.Patience);
        node.System.DeadLetters.Tell(new Dropped(append, "hand-off", asker.Receiver, logs.Region));
        asker.Receive(TestCluster.Patience);
        var misnamed = new Akka.Cluster.Sharding.ShardingEnvelope("a/path", append.Message);
        node.System.DeadLetters.Tell(new Dropped(misnamed, "no shard", asker.Receiver, logs.Region));
        Assert.Equal(
            Protocol.FailureKind.Invalid, ((Protocol.RequestFailed)asker.Receive(TestCluster.Patience)).Kind);

        _listener.RecordObservableInstruments();
        Assert.Equal(2, _sums["akkawal.region.logs"]);
        Assert.Equal(2, _sums["akkawal.region.shards"]);
        Assert.Equal(2, _sums["akkawal.region.lock.wait"]);
        Assert.Equal(1, _sums["akkawal.region.refusals late"]);
        Assert.Equal(1, _sums["akkawal.region.refusals dropped"]);
        Assert.Equal(1, _sums["akkawal.region.refusals invalid"]);
        Assert.Equal(1, _sums["akkawal.appends measured:%4frders"]);
        Assert.Equal(1, _sums["akkawal.appends measured:bills"]);
    }

    [Fact]
    public async Task Wait_for_a_lock_should_begin_with_the_opening()
    {
        var (_, logs) = await Start();
        var away = Cluster.SharedRoot + "-away";
        Directory.Move(Cluster.SharedRoot, away);
        await Assert.ThrowsAsync<WalRequestException>(
            () => logs.Client("orders", TimeSpan.FromSeconds(1)).AppendAsync(new byte[] { 1 }));

        var backAt = Stopwatch.GetTimestamp();
        Directory.Move(away, Cluster.SharedRoot);
        await logs.Client("orders", TestCluster.Patience).AppendAsync(new byte[] { 1 });
        Assert.InRange(Assert.Single(_waits), 0, Stopwatch.GetElapsedTime(backAt).TotalSeconds);
    }

    private async Task<(TestNode Node, ShardedWal Logs)> Start()
    {
        var node = await Cluster.Start(
            akka => akka.WithShardedWal<MetricsSpec>(
                Region, o => (o.Root, o.InitializeRoot, o.Placement) = (Cluster.SharedRoot, true, WalPlacement.Shared)),
            []);
        return (node, ShardedWals.Get(node.System)[Region]);
    }

    private void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? region = null, detail = null;
        foreach (var (key, text) in tags)
        {
            if (key == ShardedWalMetrics.RegionTag) region = (string?)text;
            if (key == ShardedWalMetrics.ReasonTag) detail = (string?)text;
            if (key == WalMetrics.LogTag && ((string)text!).StartsWith(Region, StringComparison.Ordinal))
                (region, detail) = (Region, (string?)text);
        }
        if (region != Region) return;
        _sums.AddOrUpdate(
            detail is null ? instrument.Name : $"{instrument.Name} {detail}", value, (_, sum) => sum + value);
    }
}
