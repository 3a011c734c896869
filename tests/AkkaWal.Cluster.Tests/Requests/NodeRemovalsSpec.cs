using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests.Requests;

/// <summary>Clients learn that the cluster has removed a node.</summary>
public sealed class NodeRemovalsSpec : ClusterSpec
{
    [Fact]
    public async Task Removal_of_each_node_should_be_told_to_those_who_wait_by_then()
    {
        var first = await Cluster.StartNode();
        var removals = ShardedWals.Get(first.System).Removals;
        for (var i = 0; i < 2; i++)
        {
            var other = await Cluster.StartNode();
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = removals.Next.Register(told.SetResult);
            await other.Stop();
            await told.Task.WaitAsync(TestCluster.Patience);
            Assert.False(removals.Next.IsCancellationRequested);
        }
    }
}
