using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Example.Processes;
using AkkaWal.Cluster.Tests.History;
using AkkaWal.Cluster.Tests.Nodes;
using Xunit.Abstractions;

namespace AkkaWal.Cluster.Tests.Processes.Running;

/// <summary>Three nodes as processes, and writers on a fourth one in this process.</summary>
internal sealed class ProcessRun : IAsyncDisposable
{
    /// <summary>The name of the senders in the nodes' own processes.</summary>
    internal const string NodeSender = "node";

    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(2);

    private readonly ITestOutputHelper _output;

    private ProcessRun(ProcessCluster cluster, ITestOutputHelper output)
    {
        (Cluster, _output) = (cluster, output);
        Load = new Load(cluster.History, TimeSpan.FromMilliseconds(50));
    }

    internal static string[] Names { get; } = [.. Enumerable.Range(0, 40).Select(i => $"orders-{i}")];

    internal ProcessCluster Cluster { get; }

    internal Load Load { get; }

    /// <summary>
    /// Disturbs the nodes <see cref="NodeProcesses.Rounds"/> times while the logs are written. Then asserts that
    /// nothing is lost or doubled.
    /// </summary>
    /// <param name="output">Gets the figures of each round.</param>
    /// <param name="round">Disturbs them once; gets the number of the round, from 0 on.</param>
    /// <param name="setup">How the cluster is started; null for the defaults.</param>
    /// <param name="plainTimeout">
    /// The time-out of appends without an expected offset. By default it is short, so that a writer soon finds out that
    /// a log answers again.
    /// </param>
    /// <returns>The notes of all writers.</returns>
    internal static async Task<HistoryChecker> InRounds(
        ITestOutputHelper output, Func<ProcessRun, int, Task> round, ProcessCluster.Setup? setup = null,
        TimeSpan? plainTimeout = null)
    {
        await using var run = await Start(output, setup, plainTimeout);
        try
        {
            for (var i = 0; i < NodeProcesses.Rounds; i++) await round(run, i);
            await run.AssertNothingIsLost();
            return run.Cluster.History;
        }
        catch
        {
            foreach (var node in run.Cluster.Nodes) output.WriteLine($"the notes of {node.Name}:\n{node.Notes}");
            throw;
        }
    }

    /// <summary>Starts a run. Each log has answered when it returns.</summary>
    internal static async Task<ProcessRun> Start(
        ITestOutputHelper output, ProcessCluster.Setup? setup = null, TimeSpan? plainTimeout = null)
    {
        var run = new ProcessRun(await ProcessCluster.Start(setup ?? new()), output);
        foreach (var name in Names)
        {
            run.Load.AppendConditionally(run.Cluster.Logs.Client(name), name, "a");
            run.Load.Append(run.Cluster.Logs.Client(name, plainTimeout ?? ShortTimeout), name, "b");
        }
        await run.Load.AllAnswered();
        return run;
    }

    /// <summary>Waits until a node has at least a third of the logs; returns the node with the most.</summary>
    internal async Task<(NodeProcess Node, IReadOnlyList<string> Logs)> Busiest()
    {
        (NodeProcess, IReadOnlyList<string> Logs) busiest = default;
        await Eventually.True(
            async () => (busiest = await Cluster.Busiest()).Logs.Count >= Names.Length / 3, "logs on the nodes");
        return busiest;
    }

    /// <summary>Waits until each log answers again, and writes how long the steps took.</summary>
    internal async Task AwaitAnswers(string what, NodeProcess node, long wentAt)
    {
        await Load.AllAnswered();
        _output.WriteLine(
            $"{what}: {Cluster.Timeline.Steps(node.Name, wentAt, System.Diagnostics.Stopwatch.GetTimestamp())}");
    }

    /// <summary>Ends all writers, and asserts that nothing is lost or doubled.</summary>
    internal async Task AssertNothingIsLost()
    {
        foreach (var node in Cluster.Nodes.Where(node => !node.HasExited)) await Cluster.Ask(node, NodeWords.Stop);
        await Load.Stop();
        var count = await Load.Check(name => Cluster.Logs.Client(name));
        var history = Cluster.History;
        _output.WriteLine(
            $"{count} records; {history.Count} appended, {history.AcknowledgedCount} acknowledged, "
                + $"{history.RefusedCount} refused, {history.UnknownCount} unknown");
    }

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();
}
