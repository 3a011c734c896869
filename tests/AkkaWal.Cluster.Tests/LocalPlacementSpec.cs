using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using AkkaWal.Cluster.Placement;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests;

/// <summary>Nodes with disks of their own: a log stays on its disk, or is unavailable.</summary>
public sealed class LocalPlacementSpec : ClusterSpec
{
    private static readonly string[] Roles = ["disk-0", "disk-1", "disk-2"];

    private static readonly string[] Names = [.. Enumerable.Range(0, 20).Select(i => $"orders-{i}")];

    [Fact]
    public async Task Logs_should_stay_on_their_disks_and_be_unavailable_while_their_node_is_away()
    {
        foreach (var role in Roles) await Start(role);
        var proxy = await Cluster.StartProxy(Configure);
        foreach (var name in Names) Assert.Equal(0, await proxy.Logs.Client(name).AppendAsync(new byte[] { 1 }));
        var (before, open) = (Folders(), await Cluster.Nodes[1].OpenLogs());
        Assert.Equal(Names.Length, before.Length);
        Assert.InRange(open.Count, 1, Names.Length - 2);

        // The clients refuse at once. No request waits until the node is back.
        await Cluster.Nodes[1].Stop();
        foreach (var name in open)
        {
            var refused = await Assert.ThrowsAsync<WalRequestException>(
                () => proxy.Logs.Client(name).AppendAsync(new byte[] { 2 }));
            Assert.Equal(FailureKind.Unavailable, refused.Kind);
            Assert.Contains("on the disk of disk-1", refused.Message, StringComparison.Ordinal);
        }
        foreach (var name in Names.Except(open))
            Assert.Equal(1, await proxy.Logs.Client(name).AppendAsync(new byte[] { 2 }));
        Assert.Equal(before, Folders());

        await Start("disk-1");
        var back = await Eventually.Value(
            () => proxy.Logs.Client(open[0]).ReadBatchAsync(0), IsUnavailable);
        Assert.Equal([1], Assert.Single(back.Payloads).ToArray());
        foreach (var name in open) Assert.Equal(1, await proxy.Logs.Client(name).AppendAsync(new byte[] { 2 }));
        Assert.Equal(before, Folders());
    }

    [Fact]
    public async Task Logs_should_be_where_they_were_after_a_restart_of_the_whole_cluster()
    {
        foreach (var role in Roles) await Start(role);
        foreach (var name in Names) await Cluster.Nodes[0].Logs.Client(name).AppendAsync(new byte[] { 1 });
        var before = Folders();
        foreach (var node in Cluster.Nodes) await node.Stop();

        // They start in another order, so that another node has the coordinator.
        foreach (var role in Roles.Reverse()) await Start(role);
        foreach (var name in Names)
        {
            var client = Cluster.Nodes[3].Logs.Client(name);
            var offset = await Eventually.Value(() => client.AppendAsync(new byte[] { 2 }), IsUnavailable);
            Assert.Equal(1, offset);
            Assert.Equal([1], (await client.ReadAsync(0)).ToArray());
        }
        Assert.Equal(before, Folders());
    }

    [Fact]
    public async Task Disk_of_another_node_should_be_refused()
    {
        await Start("disk-0");
        Assert.Contains("says 'local storage of disk-0", await RefusalOf("disk-0", "disk-1"), StringComparison.Ordinal);
        Assert.Contains("no role of NodeRoles", await RefusalOf("disk-x"), StringComparison.Ordinal);
        Assert.Contains("more than one role", await RefusalOf("disk-x", Roles), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Cluster.Root("disk-x")));
    }

    [Fact]
    public async Task Role_of_two_nodes_should_be_that_of_none_also_where_one_of_them_is_not_reached()
    {
        var node = await Start("disk-0");
        await Cluster.StartNode(On("disk-9"), "disk-0");
        await Eventually.True(() => Task.FromResult(node.Cluster.State.Members.Count == 2), "both are members");
        var state = node.Cluster.State;
        foreach (var silent in state.Members)
        {
            var seen = new ClusterEvent.CurrentClusterState(
                state.Members, [silent], [], null, ImmutableDictionary<string, Address?>.Empty);
            Assert.Null(NodeMap.Find(seen, "disk-0"));
            var alone = new ClusterEvent.CurrentClusterState(
                [silent], [], [], null, ImmutableDictionary<string, Address?>.Empty);
            Assert.Equal(silent.Address, NodeMap.Find(alone, "disk-0"));
        }
    }

    private Task<TestNode> Start(string role) => Cluster.StartNode(On(role), role);

    private Task<string> RefusalOf(string disk, params string[] roles) => Cluster.RefusalOf(On(disk), roles);

    private Action<ShardedWalOptions> On(string disk) => options =>
    {
        Configure(options);
        options.Root = Cluster.Root(disk);
    };

    private static void Configure(ShardedWalOptions options)
    {
        options.Placement = WalPlacement.Local;
        foreach (var role in Roles) options.NodeRoles.Add(role);
    }

    private static bool IsUnavailable(Exception e) => e is WalRequestException { Kind: FailureKind.Unavailable };

    private string[] Folders() =>
        [.. Roles.SelectMany(role => Directory.GetDirectories(Path.Combine(Cluster.Directory, role))).Order()];
}
