using System.Diagnostics;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>All nodes are restarted one after the other, as for a new version, while the logs are written.</summary>
[Collection(NodeProcesses.Name)]
[Trait("Suite", "Processes")]
public sealed class RestartedNodesSpec(ITestOutputHelper output)
{
    [LongFact]
    public async Task Rolling_restart_should_refuse_nothing_and_lose_nothing()
    {
        await using var run = await ProcessRun.Start(output);
        for (var round = 0; round < NodeProcesses.Rounds; round++)
        {
            foreach (var node in run.Cluster.Nodes.ToList())
            {
                run.Load.MarkGaps();
                var leftAt = Stopwatch.GetTimestamp();
                await node.Leave();
                await run.AwaitAnswers("left", node, leftAt);
                await run.Cluster.Restore();
            }
        }
        await run.AssertNothingIsLost();
        Assert.Equal(0, run.Cluster.History.RefusedCount);
    }
}
