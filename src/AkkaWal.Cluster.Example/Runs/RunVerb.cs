using System.Diagnostics;
using AkkaWal.Cluster.Example.History;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Example.Runs;

/// <summary>What is done to a node while the load goes on.</summary>
internal enum Disturbance
{
    None,

    /// <summary>One node leaves the cluster and is started again.</summary>
    Leave,

    /// <summary>One node is killed and started again.</summary>
    Kill,
}

/// <summary>
/// Starts three nodes as processes, appends to many logs from this process, and in the end reads all records back.
/// </summary>
internal static class RunVerb
{
    private const int AppendsPerSecond = 1000;

    internal static async Task<int> Run(IReadOnlyList<string> words)
    {
        var given = new Arguments(words, "logs", "seconds", "placement", "disturb");
        var names = Enumerable.Range(0, given.Number("logs", 100, 1, 10_000)).Select(i => $"orders-{i}").ToList();
        var time = TimeSpan.FromSeconds(given.Number("seconds", 20, 1, 3600));
        var disturbance = given.Choice("disturb", Disturbance.None);
        Console.WriteLine("starting three nodes");
        await using var cluster = await ProcessCluster.Start(new ProcessCluster.Setup
        {
            Placement = given.Choice("placement", WalPlacement.Shared),
        });

        var load = new Load(cluster.History, TimeSpan.FromSeconds((double)names.Count / AppendsPerSecond));
        foreach (var name in names) load.AppendConditionally(cluster.Logs.Client(name), name, "client");
        await load.AllAnswered();
        Console.WriteLine($"{names.Count} logs answer; appending for {time.TotalSeconds} s");
        await Task.Delay(time / 2);
        load.MarkGaps();
        await Disturb(cluster, load, disturbance);
        await Task.Delay(time / 2);
        await load.Stop();
        var gap = load.Gaps().Values.Max();
        return Report(cluster.History, await load.Compare(name => cluster.Logs.Client(name)), gap);
    }

    private static async Task Disturb(ProcessCluster cluster, Load load, Disturbance disturbance)
    {
        if (disturbance == Disturbance.None) return;
        var node = cluster.Nodes[^1];
        Console.WriteLine($"{disturbance}: the node {node.Name}");
        var wentAt = Stopwatch.GetTimestamp();
        await (disturbance == Disturbance.Kill ? node.Kill() : node.Leave());
        // If each node has a disk of its own, the node's logs answer only when it is back.
        if (node.Options.Placement == WalPlacement.Shared) await AllAnswered();
        await cluster.Restore();
        if (node.Options.Placement == WalPlacement.Local) await AllAnswered();

        async Task AllAnswered()
        {
            await load.AllAnswered();
            Console.WriteLine(cluster.Timeline.Steps(node.Name, wentAt, Stopwatch.GetTimestamp()));
        }
    }

    private static int Report(HistoryChecker history, Verdict verdict, TimeSpan gap)
    {
        string[] head = ["appended", "acknowledged", "refused", "unknown", "lost", "doubled", "longest gap"];
        string[] row =
        [
            $"{history.Count}", $"{history.AcknowledgedCount}", $"{history.RefusedCount}", $"{history.UnknownCount}",
            $"{verdict.Count(ViolationKind.Lost)}", $"{verdict.Count(ViolationKind.Doubled)}",
            FormattableString.Invariant($"{gap.TotalSeconds:F1} s"),
        ];
        Console.WriteLine(string.Join("  ", head));
        Console.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadLeft(head[i].Length))));
        foreach (var violation in verdict.Violations.Take(20)) Console.WriteLine(violation.Text);
        return verdict.Violations.Count == 0 ? 0 : 1;
    }
}
