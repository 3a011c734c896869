using System.Diagnostics;
using AkkaWal.Cluster.Tests.History;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Cluster.Tests.Processes.Running;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests;

/// <summary>Logs move while they are written. Each acknowledged record is there once, at its offset.</summary>
public sealed class HandOverSpec(ITestOutputHelper output) : ClusterSpec
{
    // Also how long an append without an expected offset waits if its message is lost.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly string[] Names = [.. Enumerable.Range(0, 100).Select(i => $"orders-{i}")];

    private readonly HistoryChecker _history = new();

    [Fact]
    public async Task Appends_should_outlive_nodes_that_join_and_take_logs_over()
    {
        var first = await Cluster.StartNode();
        var proxy = await Cluster.StartProxy();
        var load = new Load(_history);
        foreach (var name in Names) load.Append(ClientOn(first, name), name, "a");
        var readers = new Readers(load, Names);
        foreach (var node in new[] { first, proxy }) readers.Start(node);
        await load.Progress(1000);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var joined = await Cluster.StartNode();
            readers.Start(joined);
            foreach (var name in Names.Take(5)) load.Append(ClientOn(joined, name), name, $"b{Cluster.Nodes.Count}");
            await Eventually.True(async () => (await joined.OpenLogs()).Count > 3, "logs on the node that joined");
        }
        await load.Progress(1000);
        await load.Stop();

        await AssertAllIsRead(readers);
        await AssertAllIsWell(load);
    }

    [Fact]
    public async Task Appends_should_outlive_nodes_that_leave_also_that_of_the_coordinator()
    {
        for (var i = 0; i < 3; i++) await Cluster.StartNode();
        var proxy = await Cluster.StartProxy();
        var load = new Load(_history);
        foreach (var name in Names)
        {
            load.Append(ClientOn(Cluster.Nodes[2], name), name, "a");
            load.Append(ClientOn(proxy, name), name, "b");
        }
        var readers = new Readers(load, Names);
        foreach (var node in Cluster.Nodes) readers.Start(node);
        await load.Progress(1000);
        foreach (var leaving in new[] { Cluster.Nodes[1], Cluster.Nodes[0] })
        {
            // Its readers go on until it has left.
            await leaving.Stop();
            await readers.Stop(leaving);
            await load.Progress(1000);
        }
        await load.Stop();

        await AssertAllIsRead(readers);
        await AssertAllIsWell(load);
    }

    [Fact]
    public Task Conditional_appends_should_be_there_once_over_hand_overs() => AppendOverHandOvers(TimeSpan.Zero);

    [LongFact]
    public Task Conditional_appends_should_be_there_once_over_hand_overs_for_minutes() =>
        AppendOverHandOvers(TimeSpan.FromMinutes(3));

    // In each round a node joins and takes logs over. Then the oldest node leaves, which has the coordinator.
    private async Task AppendOverHandOvers(TimeSpan time)
    {
        for (var i = 0; i < 2; i++) await Cluster.StartNode();
        var load = new Load(_history);
        foreach (var sender in new[] { "a", "b" })
        {
            var proxy = await Cluster.StartProxy();
            foreach (var name in Names) load.AppendConditionally(proxy.Logs.Client(name), name, sender);
        }
        await load.Progress(500);
        var startedAt = Stopwatch.GetTimestamp();
        var rounds = 0;
        do
        {
            var joined = await Cluster.StartNode();
            await Eventually.True(async () => (await joined.OpenLogs()).Count > 3, "logs on the node that joined");
            await Cluster.Nodes.First(node => node.HasLogs && !node.IsStopped).Stop();
            await load.AllAnswered();
            rounds++;
        }
        while (Stopwatch.GetElapsedTime(startedAt) < time);
        await load.Progress(500);
        await load.Stop();

        output.WriteLine($"{rounds} nodes joined and {rounds} left");
        await AssertAllIsWell(load);
        Assert.Equal(0, _history.UnknownCount);
    }

    private static WalClient ClientOn(TestNode node, string name) => node.Logs.Client(name, Timeout);

    // All nodes read up to the end of each log.
    private async Task AssertAllIsRead(Readers readers)
    {
        await readers.CaughtUp();
        await readers.Stop();
        output.WriteLine($"{readers.Count} records were read while logs moved, {readers.RefusedCount} reads refused");
        Assert.Empty(readers.Problems);
    }

    private async Task AssertAllIsWell(Load load)
    {
        var count = await load.Check(name => ClientOn(Cluster.Nodes.Last(node => !node.IsStopped), name));
        output.WriteLine(
            $"{count} records; {_history.AcknowledgedCount} acknowledged, {_history.RefusedCount} refused, "
                + $"{_history.UnknownCount} unknown");
        // The client sends refused appends again, so none ends as refused.
        Assert.Equal(0, _history.RefusedCount);
    }
}
