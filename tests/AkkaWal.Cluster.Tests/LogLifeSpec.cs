using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Cluster.Tests;

/// <summary>One log on one node: when it is opened, closed, and waits for its lock.</summary>
public sealed class LogLifeSpec : ClusterSpec
{
    [Fact]
    public async Task Idle_log_should_be_closed_and_opened_again_by_its_next_request()
    {
        var node = await Cluster.StartNode(o => o.Sharding.PassivateIdleEntityAfter = TimeSpan.FromSeconds(1));
        var client = node.Logs.Client("orders");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(i, await client.AppendAsync(new byte[] { (byte)i }));
            await Eventually.True(async () => (await node.OpenLogs()).Count == 0, "the log is closed");
            // It was closed cleanly, and another process can open it.
            using var log = SegmentedLog.Open(DirectoryOf("orders"), new WalOptions());
            Assert.Equal(i + 1, log.NextOffset);
        }
    }

    [Fact]
    public async Task Log_should_wait_for_the_lock_of_its_previous_owner()
    {
        var node = await Cluster.StartNode();
        var other = SegmentedLog.Open(DirectoryOf("orders"), new WalOptions());
        var append = node.Logs.Client("orders").AppendAsync(new byte[] { 1 });
        await Eventually.True(async () => (await node.OpenLogs()).Count == 1, "the log's actor has been started");
        Assert.False(append.IsCompleted);
        other.Dispose();
        Assert.Equal(0, await append);
    }

    [Fact]
    public async Task Log_that_stays_locked_should_be_refused_as_not_owned()
    {
        var node = await Cluster.StartNode(o => o.LockWait = TimeSpan.FromMilliseconds(300));
        using (SegmentedLog.Open(DirectoryOf("orders"), new WalOptions()))
        {
            var refused = await Assert.ThrowsAsync<WalRequestException>(
                () => node.Logs.Client("orders", TimeSpan.FromSeconds(2)).AppendAsync(new byte[] { 1 }));
            Assert.Equal(FailureKind.NotOwned, refused.Kind);
        }
        Assert.Equal(0, await node.Logs.Client("orders").AppendAsync(new byte[] { 1 }));
    }

    [Fact]
    public async Task Remembered_log_should_be_opened_without_a_request_where_its_shard_moves()
    {
        for (var i = 0; i < 2; i++) await Cluster.StartNode(o => o.Sharding.RememberEntities = true);
        var names = Enumerable.Range(0, 20).Select(i => $"orders-{i}").ToList();
        foreach (var name in names) await Cluster.Nodes[1].Logs.Client(name).AppendAsync(new byte[] { 1 });

        await Cluster.Nodes[0].Stop();
        await Eventually.True(
            async () => (await Cluster.Nodes[1].OpenLogs()).Count == names.Count, "all logs on the other node");
        Assert.Equal(names.Order(), (await Cluster.Nodes[1].OpenLogs()).Order());
    }

    [Fact]
    public async Task Follower_should_go_on_where_its_log_is_closed_and_opened_again()
    {
        var node = await Cluster.StartNode();
        var client = node.Logs.Client("orders");
        await client.AppendAsync(new byte[] { 0 });
        await using var records = client.FollowAsync(0).GetAsyncEnumerator();
        Assert.True(await records.MoveNextAsync());
        for (byte i = 1; i < 4; i++)
        {
            var next = records.MoveNextAsync();
            await Close(node, "orders");
            await client.AppendAsync(new[] { i });
            Assert.True(await next);
            Assert.Equal(i, Assert.Single(records.Current.Payload.ToArray()));
        }
    }

    [Fact]
    public async Task Node_should_be_ready_once_it_can_reach_the_logs()
    {
        var node = await Cluster.StartNode();
        var check = new ShardedWalHealthCheck(TestCluster.Region);
        var context = new AkkaHealthCheckContext(node.System);
        await Eventually.True(
            async () => (await check.CheckHealthAsync(context)).Status == HealthStatus.Healthy, "the node is ready");
        var unknown = await new ShardedWalHealthCheck("log").CheckHealthAsync(context);
        Assert.Equal(HealthStatus.Unhealthy, unknown.Status);
        Assert.Contains("perhaps 'logs'", unknown.Description, StringComparison.Ordinal);

        Directory.Move(Cluster.SharedRoot, Cluster.SharedRoot + "-away");
        var unmounted = await check.CheckHealthAsync(context);
        Assert.Equal(HealthStatus.Unhealthy, unmounted.Status);
        Assert.Contains("perhaps it is not mounted", unmounted.Description, StringComparison.Ordinal);
        Directory.Move(Cluster.SharedRoot + "-away", Cluster.SharedRoot);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context)).Status);
    }

    private string DirectoryOf(string log) => Path.Combine(Cluster.SharedRoot, LogName.FolderOf(log));

    // Sends the stop message as sharding does.
    private static async Task Close(TestNode node, string log)
    {
        var shard = new LogExtractor(20).ShardId(log);
        var entity = await node.System.ActorSelection($"/system/sharding/logs/{shard}/{log}")
            .ResolveOne(TestCluster.Patience);
        await entity.GracefulStop(TestCluster.Patience, Messages.CloseLog.Instance);
    }
}
