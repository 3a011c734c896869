using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaWal.Cluster.Tests.History;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests.Planted;

/// <summary>A node leaves in good order, and drops one append of those to its logs. The checker must find that one.
/// </summary>
public sealed class DroppedRequestSpec : ClusterSpec
{
    private const string Sender = "a";

    private static readonly string[] Names = [.. Enumerable.Range(0, 20).Select(i => $"orders-{i}")];

    private readonly HistoryChecker _history = new();

    [Fact]
    public async Task Append_that_is_acknowledged_and_dropped_should_be_found_as_lost()
    {
        var (dropped, verdict) = await HandOver(HeldFate.Acknowledged);
        Assert.Equal(
            [new Violation(ViolationKind.Lost, $"{dropped} was acknowledged at {dropped.Offset} and is not there")],
            verdict.Violations);
    }

    [Fact]
    public async Task Append_that_the_log_gets_before_it_closes_should_not_be_lost()
    {
        var (held, verdict) = await HandOver(HeldFate.Passed);
        Assert.Equal(HistoryChecker.Outcome.Acknowledged, held.Outcome);
        Assert.Empty(verdict.Violations);
    }

    /// <summary>Hand-overs of conditional appends must leave no outcome unknown: see HandOverSpec.</summary>
    [Fact]
    public async Task Conditional_append_without_a_reply_should_be_found_as_unknown()
    {
        var (dropped, verdict) = await HandOver(HeldFate.Ignored, conditionally: true);
        Assert.Equal(HistoryChecker.Outcome.Unknown, dropped.Outcome);
        Assert.True(_history.UnknownCount > 0);
        Assert.Empty(verdict.Violations);
    }

    // Returns the append that was held on the node that left.
    private async Task<(HistoryChecker.Entry Held, Verdict Verdict)> HandOver(HeldFate fate, bool conditionally = false)
    {
        var plan = new HeldAppend(fate);
        for (var i = 0; i < 2; i++) await Cluster.StartNode(o => o.EntityProps = plan.PropsOf);
        // Else some shards would move to the second node later.
        await Eventually.True(async () => await CountRegions() == 2, "a region on both nodes");
        var load = new Load(_history);
        foreach (var name in Names)
        {
            // One try after the other gets no reply. So the append ends with its time-out.
            if (conditionally) load.AppendConditionally(Client(name, TimeSpan.FromSeconds(8)), name, Sender);
            else load.Append(Client(name), name, Sender);
        }
        await load.AllAnswered();
        var log = (await Cluster.Nodes[1].OpenLogs())[0];
        plan.Await(log);
        var append = await plan.Append.WaitAsync(TestCluster.Patience);
        await Cluster.Nodes[1].Stop();
        await load.AllAnswered();
        await load.Stop();
        var held = _history.BegunAfter(log, Sender, 0)
            .Single(entry => entry.Payload.Span.SequenceEqual(append.Payload.Span));
        return (held, await load.Compare(name => Client(name)));
    }

    private async Task<int> CountRegions() => (await Cluster.Nodes[0].Logs.Region.Ask<CurrentRegions>(
        GetCurrentRegions.Instance, TestCluster.Patience)).Regions.Count;

    private WalClient Client(string log, TimeSpan? timeout = null) => Cluster.Nodes[0].Logs.Client(log, timeout);
}
