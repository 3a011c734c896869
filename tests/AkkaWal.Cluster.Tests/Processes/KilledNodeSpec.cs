using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Example.Processes;
using AkkaWal.Cluster.Tests.Processes.Running;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>A node is killed with SIGKILL while its logs are written. They go on, on the other nodes.</summary>
[Collection(NodeProcesses.Name)]
[Trait("Suite", "Processes")]
public sealed class KilledNodeSpec(ITestOutputHelper output)
{
    [Fact]
    public Task Logs_of_a_killed_node_should_go_on_elsewhere_with_all_that_was_acknowledged() =>
        ProcessRun.InRounds(output, (run, _) => Kill(run));

    [LongFact]
    public async Task Fail_over_with_the_defaults_of_the_cluster_should_only_take_longer()
    {
        await using var run = await ProcessRun.Start(
            output, new ProcessCluster.Setup { Failover = Failover.Default });
        await Kill(run);
        await run.AssertNothingIsLost();
    }

    private static async Task Kill(ProcessRun run)
    {
        var (node, logs) = await run.Busiest();
        var killedAt = Stopwatch.GetTimestamp();
        await node.Kill();
        await run.AwaitAnswers($"killed, with {logs.Count} logs", node, killedAt);
        await run.Cluster.Restore();
    }
}
