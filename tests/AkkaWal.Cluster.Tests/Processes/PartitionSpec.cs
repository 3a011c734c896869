using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Example.Processes;
using AkkaWal.Cluster.Tests.Processes.Running;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>
/// The network drops all packets from and to one node. The node still runs, and has callers of its own.
/// </summary>
[Collection(NodeProcesses.Name)]
[Trait("Suite", "Processes")]
public sealed class PartitionSpec(ITestOutputHelper output)
{
    [NetworkFact]
    public async Task Node_that_is_cut_off_should_give_up_while_the_others_go_on()
    {
        using var network = new TestNetwork(count: 3);
        await ProcessRun.InRounds(
            output, (run, round) => CutOff(run, network, round),
            new ProcessCluster.Setup { PlaceOf = network.PlaceOf });
    }

    private static async Task CutOff(ProcessRun run, TestNetwork network, int round)
    {
        var (node, logs) = await run.Busiest();
        var number = run.Cluster.Nodes.ToList().IndexOf(node);
        // Its own callers append to some of its logs, and to some of other nodes.
        var (sender, written) = ($"{ProcessRun.NodeSender}{round}", logs.Take(5).ToList());
        written.AddRange(ProcessRun.Names.Except(logs).Take(5));
        foreach (var log in written) node.Tell($"{NodeWords.Append} {log} {sender}");
        await run.Load.Progress(500);

        network.Cut(number);
        var cutAt = Stopwatch.GetTimestamp();
        var own = (await run.Cluster.Ask(node, NodeWords.Logs)).Split(' ');
        await run.AwaitAnswers($"cut off, with {own.Length} logs", node, cutAt);
        var answeredAt = Stopwatch.GetTimestamp();
        // It ends by its own decision, since no message reaches it.
        await node.Ended.WaitAsync(Load.Patience);
        var history = run.Cluster.History;
        foreach (var log in written.Except(own))
        {
            // The caller does not wait for a reply for ever, and so begins another append.
            var appends = history.BegunAfter(log, sender, cutAt);
            Assert.NotEmpty(appends);
            Assert.All(appends, append => Assert.NotEqual(HistoryChecker.Outcome.Acknowledged, append.Outcome));
        }
        // The node may acknowledge appends to its own logs until another one has them.
        var late = own.SelectMany(log => history.BegunAfter(log, sender, answeredAt));
        Assert.DoesNotContain(late, append => append.Outcome == HistoryChecker.Outcome.Acknowledged);
        network.Heal(number);
        await run.Cluster.Restore();
        await run.Load.AllAnswered();
    }
}
