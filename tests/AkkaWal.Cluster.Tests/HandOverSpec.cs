using AkkaWal.Cluster.Tests.History;
using AkkaWal.Cluster.Tests.Nodes;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests;

/// <summary>Logs that move while they are written: what was acknowledged is there once, at its offset.</summary>
public sealed class HandOverSpec(ITestOutputHelper output) : IAsyncLifetime
{
    // As long as a request waits whose message was lost without a word.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly string[] Names = [.. Enumerable.Range(0, 30).Select(i => $"orders-{i}")];

    private readonly TestCluster _cluster = new();
    private readonly HistoryChecker _history = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Appends_should_outlive_nodes_that_join_and_take_logs_over()
    {
        var first = await _cluster.StartNode();
        var load = new Load(_history);
        foreach (var name in Names) load.Append(ClientOn(first, name), name, "a");
        await load.Progress(1000);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var joined = await _cluster.StartNode();
            foreach (var name in Names.Take(5)) load.Append(ClientOn(joined, name), name, $"b{_cluster.Nodes.Count}");
            await Eventually.True(async () => (await joined.OpenLogs()).Count > 3, "logs on the node that joined");
        }
        await load.Progress(1000);
        await load.Stop();

        await AssertAllIsWell(load);
    }

    [Fact]
    public async Task Appends_should_outlive_nodes_that_leave_also_that_of_the_coordinator()
    {
        for (var i = 0; i < 3; i++) await _cluster.StartNode();
        var proxy = await _cluster.StartProxy();
        var load = new Load(_history);
        foreach (var name in Names)
        {
            load.Append(ClientOn(_cluster.Nodes[2], name), name, "a");
            load.Append(ClientOn(proxy, name), name, "b");
        }
        await load.Progress(1000);
        await _cluster.Nodes[1].Stop();
        await load.Progress(1000);
        await _cluster.Nodes[0].Stop();
        await load.Progress(1000);
        await load.Stop();

        await AssertAllIsWell(load);
    }

    [Fact]
    public async Task Conditional_appends_should_be_there_once_over_hand_overs()
    {
        for (var i = 0; i < 2; i++) await _cluster.StartNode();
        var load = new Load(_history);
        foreach (var name in Names)
        {
            load.AppendConditionally(_cluster.Nodes[0].Logs.Client(name), name, "a");
            load.AppendConditionally(_cluster.Nodes[1].Logs.Client(name), name, "b");
        }
        await load.Progress(500);
        var joined = await _cluster.StartNode();
        await Eventually.True(async () => (await joined.OpenLogs()).Count > 3, "logs on the node that joined");
        await joined.Stop();
        await load.Progress(500);
        await load.Stop();

        await AssertAllIsWell(load);
        Assert.Equal(0, _history.UnknownCount);
    }

    private static WalClient ClientOn(TestNode node, string name) => node.Logs.Client(name, Timeout);

    private async Task AssertAllIsWell(Load load)
    {
        var count = await load.Check(name => ClientOn(_cluster.Nodes.Last(node => !node.IsStopped), name));
        output.WriteLine(
            $"{count} records; {_history.AcknowledgedCount} acknowledged, {_history.RefusedCount} refused, "
                + $"{_history.UnknownCount} unknown");
        // The client sends again what was refused, so nothing but unknown outcomes is left.
        Assert.Equal(0, _history.RefusedCount);
    }
}
