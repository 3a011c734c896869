using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests;

/// <summary>A shard writes only while it holds its lease.</summary>
public sealed class LeaseSpec : ClusterSpec
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Log_whose_shard_has_lost_its_lease_should_acknowledge_nothing_until_it_has_it_again()
    {
        var node = await StartNode();
        var client = node.Logs.Client("orders");
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1 }));
        var lease = Assert.Single(TestLease.HeldBy(LeaseNameOn(node)));

        // Sharding has not been told yet.
        lease.Lose();
        var refused = await Assert.ThrowsAsync<WalRequestException>(
            () => node.Logs.Client("orders", Short).AppendAsync(new byte[] { 2 }));
        Assert.Contains("lease", refused.Message, StringComparison.Ordinal);
        Assert.Contains(refused.Kind, new[] { FailureKind.NotOwned, FailureKind.Unavailable });
        Assert.Equal([1], (await client.ReadAsync(0)).ToArray());

        // Sharding is told now: it stops the shard, and starts it again with the lease.
        lease.TellLoss();
        Assert.Equal(1, await client.AppendAsync(new byte[] { 3 }));
        Assert.Equal([3], (await client.ReadAsync(1)).ToArray());
    }

    [Fact]
    public async Task Log_that_was_lost_should_be_opened_again_while_its_shard_stays()
    {
        var node = await StartNode();
        var client = node.Logs.Client("orders");
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1 }));
        var lease = Assert.Single(TestLease.HeldBy(LeaseNameOn(node)));
        lease.Lose();
        var refused = await Assert.ThrowsAsync<WalRequestException>(
            () => node.Logs.Client("orders", Short).AppendAsync(new byte[] { 2 }));
        Assert.Contains("lease", refused.Message, StringComparison.Ordinal);

        // Sharding is not told, so it does not start the shard again.
        lease.GiveBack();
        Assert.Equal(1, await client.AppendAsync(new byte[] { 3 }));
        Assert.Equal([3], (await client.ReadAsync(1)).ToArray());
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

    private Task<TestNode> StartNode() => Cluster.StartNode(o =>
    {
        o.Sharding.LeaseImplementation = new TestLeaseOptions();
        o.Sharding.LeaseRetryInterval = TimeSpan.FromMilliseconds(200);
    });

    private static string LeaseNameOn(TestNode node) =>
        $"{node.System.Name}-shard-logs-{new LogExtractor(20).ShardId("orders")}";
}
