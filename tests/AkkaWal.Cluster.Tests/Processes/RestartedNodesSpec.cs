using System.Diagnostics;
using AkkaWal.Cluster.Tests.Processes.Running;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>All nodes are restarted one after another, as for a new version, while the logs are written.</summary>
[Collection(NodeProcesses.Name)]
[Trait("Suite", "Processes")]
public sealed class RestartedNodesSpec(ITestOutputHelper output)
{
    // A client that is refused until its time-out ends as refused. The default is longer than a log is away.
    private static readonly TimeSpan PlainTimeout = new ShardedWalOptions().Timeout;

    [LongFact]
    public async Task Rolling_restart_should_refuse_nothing_and_lose_nothing()
    {
        var history = await ProcessRun.InRounds(output, (run, _) => Restart(run), plainTimeout: PlainTimeout);
        Assert.Equal(0, history.RefusedCount);
    }

    private static async Task Restart(ProcessRun run)
    {
        foreach (var node in run.Cluster.Nodes.ToList())
        {
            var leftAt = Stopwatch.GetTimestamp();
            await node.Leave();
            await run.AwaitAnswers("left", node, leftAt);
            await run.Cluster.Restore();
        }
    }
}
