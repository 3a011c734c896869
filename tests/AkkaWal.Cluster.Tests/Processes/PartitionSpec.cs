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
        foreach (var log in logs.Take(5).Union(ProcessRun.Names.Take(10)))
            node.Tell($"{NodeWords.Append} {log} {ProcessRun.NodeSender}{round}");
        await run.Load.Progress(500);

        var cutAt = Stopwatch.GetTimestamp();
        network.Cut(number);
        await run.AwaitAnswers($"cut off, with {logs.Count} logs", node, cutAt);
        // It ends by its own decision, since no message reaches it.
        await node.Ended.WaitAsync(Load.Patience);
        network.Heal(number);
        await run.Cluster.Restore();
        await run.Load.AllAnswered();
    }
}
