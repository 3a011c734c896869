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

    private async Task Freeze(ProcessRun run, int round)
    {
        var (node, logs) = await run.Busiest();
        var sender = $"{ProcessRun.NodeSender}{round}";
        foreach (var log in logs) node.Tell($"{NodeWords.Append} {log} {sender}");
        await run.Load.Progress(500);

        var (frozenAt, thawedAt) = (Stopwatch.GetTimestamp(), 0L);
        node.Freeze();
        try
        {
            Assert.True(LostLocks.Release(node.Id, run.Cluster.RootOf(0)) >= logs.Count);
            await run.AwaitAnswers($"frozen without the locks of its {logs.Count} logs", node, frozenAt);
        }
        finally
        {
            thawedAt = Stopwatch.GetTimestamp();
            node.Thaw();
        }
        await node.Ended.WaitAsync(Load.Patience);
        AssertTriedToAppend(run, logs, sender, thawedAt);
        await run.Cluster.Restore();
    }

    // By then each log has acknowledged an append on another node. If the woken node acknowledged one that began later
    // by itself, its record would not be in the log, and the comparison at the end of the run would find it.
    private void AssertTriedToAppend(ProcessRun run, IReadOnlyList<string> logs, string sender, long thawedAt)
    {
        var tries = logs.SelectMany(log => run.Cluster.History.BegunAfter(log, sender, thawedAt)).ToList();
        output.WriteLine($"after the thaw {tries.Count} appends began: " + string.Join(
            ", ", tries.CountBy(entry => entry.Outcome).Select(pair => $"{pair.Value} {pair.Key}")));
        Assert.NotEmpty(tries);
    }
}
