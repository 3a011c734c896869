using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Tests.Processes.Running;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>
/// A node is frozen and loses its locks, as may happen on storage that machines share. When it runs again, other nodes
/// have its logs. It does not know that, and its own callers go on to append. TakenOverLogSpec tests what it answers to
/// reads.
/// </summary>
[Collection(NodeProcesses.Name)]
[Trait("Suite", "Processes")]
public sealed class LostLocksSpec(ITestOutputHelper output)
{
    [LostLocksFact]
    public Task Node_that_wakes_up_without_its_locks_should_lose_and_double_nothing_acknowledged() =>
        ProcessRun.InRounds(output, Freeze);

    private static async Task Freeze(ProcessRun run, int round)
    {
        var (node, logs) = await run.Busiest();
        var sender = $"{ProcessRun.NodeSender}{round}";
        foreach (var log in logs) node.Tell($"{NodeWords.Append} {log} {sender}");
        await run.Load.Progress(500);

        var frozenAt = Stopwatch.GetTimestamp();
        node.Freeze();
        try
        {
            Assert.True(LostLocks.Release(node.Id, run.Cluster.RootOf(0)) >= logs.Count);
            await run.AwaitAnswers($"frozen without the locks of its {logs.Count} logs", node, frozenAt);
        }
        finally
        {
            node.Thaw();
        }
        await node.Ended.WaitAsync(Load.Patience);
        await run.Cluster.Restore();
    }
}
