using Akka.Actor;
using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Tests;

namespace AkkaWal.Cluster.Tests;

/// <summary>A shard writes only while it holds its lease.</summary>
public sealed class LeaseSpec : ClusterSpec
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private const string Disk = "disk-0";

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Log_whose_shard_has_lost_its_lease_should_acknowledge_nothing_until_it_has_it_again()
    {
        // The clock stands, so the entity does not look whether it has lost the log.
        var (client, lease) = await LoseLease(await StartNode(o => o.EntityProps = WithClock));
        Assert.Equal([1], (await client.ReadAsync(0)).ToArray());

        // Sharding is told now: it stops the shard, and starts it again with the lease.
        lease.TellLoss();
        Assert.Equal(1, await client.AppendAsync(new byte[] { 3 }));
        Assert.Equal([3], (await client.ReadAsync(1)).ToArray());
    }

    [Theory]
    [InlineData(WalPlacement.Shared)]
    [InlineData(WalPlacement.Local)]
    public async Task Log_that_was_lost_should_be_opened_again_while_its_shard_stays(WalPlacement placement)
    {
        var (client, lease) = await LoseLease(await StartNode(o => PlaceAt(o, placement), Disk));

        // Sharding is not told, so it does not start the shard again.
        lease.GiveBack();
        Assert.Equal(1, await client.AppendAsync(new byte[] { 3 }));
        Assert.Equal([3], (await client.ReadAsync(1)).ToArray());
    }

    [Fact]
    public async Task Log_that_was_opened_after_its_wait_for_the_lock_should_be_opened_again_when_it_is_lost()
    {
        var node = await StartNode(o => o.LockWait = TimeSpan.FromMilliseconds(300));
        using (SegmentedLog.Open(Path.Combine(Cluster.SharedRoot, "orders"), new WalOptions()))
        {
            var late = await Assert.ThrowsAsync<WalRequestException>(
                () => node.Logs.Client("orders", Short).AppendAsync(new byte[] { 1 }));
            Assert.Equal(FailureKind.NotOwned, late.Kind);
        }
        var (client, lease) = await LoseLease(node);
        lease.GiveBack();
        Assert.Equal(1, await client.AppendAsync(new byte[] { 3 }));
    }

    [Fact]
    public async Task Shard_should_open_no_log_while_another_has_its_lease()
    {
        var node = await StartNode();
        var other = new TestLease(new(LeaseNameOn(node), "another", Akka.Coordination.TimeoutSettings.Create(
            Akka.Configuration.ConfigurationFactory.ParseString(
                "heartbeat-interval = 1 s, heartbeat-timeout = 10 s, lease-operation-timeout = 1 s")),
            Akka.Configuration.Config.Empty));
        Assert.True(await other.Acquire());
        var late = await Assert.ThrowsAsync<WalRequestException>(
            () => node.Logs.Client("orders", Short).AppendAsync(new byte[] { 1 }));
        Assert.Equal(FailureKind.OutcomeUnknown, late.Kind);
        Assert.Empty(Directory.GetDirectories(Cluster.SharedRoot));

        // The first append was refused, since its deadline had passed.
        await other.Release();
        Assert.Equal(0, await node.Logs.Client("orders").AppendAsync(new byte[] { 2 }));
    }

    // A log with one record is lost, and sharding has not been told yet.
    private static async Task<(WalClient Client, TestLease Lease)> LoseLease(TestNode node)
    {
        var client = node.Logs.Client("orders");
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1 }));
        var lease = Assert.Single(TestLease.HeldBy(LeaseNameOn(node)));
        lease.Lose();
        var refused = await Assert.ThrowsAsync<WalRequestException>(
            () => node.Logs.Client("orders", Short).AppendAsync(new byte[] { 2 }));
        // On a busy machine the entity may already open the log again. Then it holds the append beyond its deadline.
        if (refused.Kind != FailureKind.OutcomeUnknown)
            Assert.Contains("lease", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            refused.Kind, new[] { FailureKind.NotOwned, FailureKind.Unavailable, FailureKind.OutcomeUnknown });
        return (client, lease);
    }

    private Props WithClock(Region region, string log) => LogEntity.PropsOf(
        region with
        {
            Settings = region.Settings with { Options = region.Settings.Options with { Clock = _clock } },
        }, log);

    private static void PlaceAt(ShardedWalOptions options, WalPlacement placement)
    {
        options.Placement = placement;
        if (placement == WalPlacement.Local) options.NodeRoles.Add(Disk);
    }

    private Task<TestNode> StartNode(Action<ShardedWalOptions>? configure = null, params string[] roles) =>
        Cluster.StartNode(
            o =>
            {
                o.Sharding.LeaseImplementation = new TestLeaseOptions();
                o.Sharding.LeaseRetryInterval = TimeSpan.FromMilliseconds(200);
                configure?.Invoke(o);
            },
            roles);

    private static string LeaseNameOn(TestNode node) =>
        $"{node.System.Name}-shard-logs-{new LogExtractor(20).ShardId("orders")}";
}
