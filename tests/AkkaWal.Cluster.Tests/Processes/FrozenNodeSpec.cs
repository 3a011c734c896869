using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Example.Processes;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Cluster.Tests.Processes.Running;
using AkkaWal.Protocol;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>
/// A node is frozen with SIGSTOP, as by a long pause of its machine, until the cluster has removed it. Then it runs
/// again.
/// </summary>
[Collection(NodeProcesses.Name)]
[Trait("Suite", "Processes")]
public sealed class FrozenNodeSpec(ITestOutputHelper output)
{
    // It must be longer than a log waits for its lock.
    private static readonly TimeSpan QuestionTimeout = TimeSpan.FromSeconds(15);

    [LongFact]
    public Task Logs_of_a_frozen_node_should_be_refused_until_it_wakes_and_releases_them() =>
        ProcessRun.InRounds(output, Freeze);

    private static async Task Freeze(ProcessRun run, int round)
    {
        var (node, logs) = await run.Busiest();
        foreach (var log in logs.Take(5)) node.Tell($"{NodeWords.Append} {log} {ProcessRun.NodeSender}{round}");
        await run.Load.Progress(500);

        var frozenAt = Stopwatch.GetTimestamp();
        node.Freeze();
        try
        {
            await run.Cluster.Timeline.Next(
                frozenAt, one => one.Node == node.Name && one.What == Timeline.Removed, Load.Patience);
            // The new owner has waited for the lock, and answers that another process has it.
            await Eventually.True(
                () => IsRefused(run.Cluster, logs[0]), $"a refusal of {logs[0]} by its new owner", Load.Patience);
        }
        finally
        {
            node.Thaw();
        }
        await run.AwaitAnswers($"frozen, with {logs.Count} logs", node, frozenAt);
        // It ends by itself: its resolver finds that it is on the smaller side.
        await node.Ended;
        await run.Cluster.Restore();
    }

    // A question may be lost while its shard moves. Then it is asked again.
    private static async Task<bool> IsRefused(ProcessCluster cluster, string log)
    {
        try
        {
            var question = ShardedWal.Envelope(log, new GetLogInfo(), QuestionTimeout);
            var reply = await Akka.Actor.Futures.Ask<LogReply>(cluster.Logs.Region, question, QuestionTimeout);
            return reply is RequestFailed { Kind: FailureKind.NotOwned };
        }
        catch (Akka.Actor.AskTimeoutException)
        {
            return false;
        }
    }
}
