using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Storage;

namespace AkkaWal.Cluster.Tests;

/// <summary>The instruments of a region and of its logs.</summary>
public sealed class MetricsSpec : ClusterSpec
{
    // Other specs run at the same time. Their regions have another name.
    private const string Region = "measured";

    private const int Shards = 20;

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

    [Fact]
    public async Task Requests_that_wait_should_be_counted_if_they_are_too_many_and_if_their_log_is_closed()
    {
        const int room = 1000;
        var (node, logs) = await Start(o => (o.LockWait, o.Log.MaxPendingBytes) = (TestCluster.Patience, room));
        using var other = SegmentedLog.Open(Path.Combine(Cluster.SharedRoot, "bills"), new WalOptions());
        var held = Append(logs, room / 2);
        var tooMany = Assert.IsType<Protocol.RequestFailed>(await Append(logs, room / 2));
        Assert.Equal(Protocol.FailureKind.Unavailable, tooMany.Kind);
        Assert.Equal(1, _sums["akkawal.region.refusals full"]);
        Assert.False(held.IsCompleted);

        // As sharding does it when the shard moves.
        var shard = new LogExtractor(Shards).ShardId("bills");
        var entity = await node.System.ActorSelection($"/system/sharding/{Region}/{shard}/bills")
            .ResolveOne(TestCluster.Patience);
        await entity.GracefulStop(TestCluster.Patience, Messages.CloseLog.Instance);
        Assert.IsType<Protocol.RequestFailed>(await held);
        Assert.Equal(1, _sums["akkawal.region.refusals moving"]);
    }

    [Fact]
    public async Task Requests_to_a_node_that_may_not_open_the_log_should_be_counted_and_so_should_their_retries()
    {
        var (_, logs) = await Start();
        var away = Cluster.SharedRoot + "-away";
        Directory.Move(Cluster.SharedRoot, away);
        Assert.IsType<Protocol.RequestFailed>(await Append(logs, 1));
        Assert.Equal(1, _sums["akkawal.region.refusals misplaced"]);

        var append = logs.Client("bills", TestCluster.Patience).AppendAsync(new byte[] { 1 });
        await Eventually.True(
            () => Task.FromResult(_sums["akkawal.region.refusals misplaced"] > 3), "the client has sent it again");
        Directory.Move(away, Cluster.SharedRoot);
        Assert.Equal(0, await append);
        // The client has sent again what was refused, and Append has not.
        Assert.Equal(_sums["akkawal.region.refusals misplaced"] - 1, _sums["akkawal.region.retries"]);
    }

    // Sends a request once.
    private static async Task<Protocol.LogReply> Append(ShardedWal logs, int bytes) =>
        await logs.Region.Ask<Protocol.LogReply>(
            ShardedWal.Envelope("bills", new Protocol.Append(new byte[bytes]), TestCluster.Patience),
            TestCluster.Patience);

    private async Task<(TestNode Node, ShardedWal Logs)> Start(Action<ShardedWalOptions>? configure = null)
    {
        var node = await Cluster.Start(
            akka => akka.WithShardedWal<MetricsSpec>(
                Region,
                o =>
                {
                    (o.Root, o.InitializeRoot, o.Placement) = (Cluster.SharedRoot, true, WalPlacement.Shared);
                    o.Shards = Shards;
                    configure?.Invoke(o);
                }),
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
