using AkkaWal.Cluster.Example.History;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Example.Runs;

/// <summary>
/// For how long the logs of a node do not answer where it leaves, and where it is killed: 100 logs on three nodes,
/// 1,000 appends a second.
/// </summary>
internal static class Moves
{
    private const int Logs = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    internal static async Task Print(int rounds)
    {
        BenchVerb.Head("without an answer, logs of a node that", "rounds", "p50", "max", "lost", "doubled");
        foreach (var disturbance in new[] { Disturbance.Leave, Disturbance.Kill })
        {
            var (gaps, verdict) = await Measure(disturbance, rounds);
            BenchVerb.Row(
                disturbance == Disturbance.Leave ? "leaves" : "is killed", $"{rounds}",
                Seconds(gaps[gaps.Count / 2]), Seconds(gaps[^1]), $"{verdict.Count(ViolationKind.Lost)}",
                $"{verdict.Count(ViolationKind.Doubled)}");
        }
    }

    private static async Task<(List<TimeSpan> Gaps, Verdict Verdict)> Measure(Disturbance disturbance, int rounds)
    {
        await using var cluster = await ProcessCluster.Start(new ProcessCluster.Setup());
        var load = new Load(cluster.History, Pause);
        foreach (var name in Enumerable.Range(0, Logs).Select(i => $"orders-{i}"))
            load.AppendConditionally(cluster.Logs.Client(name), name, "client");
        await load.AllAnswered();

        var gaps = new List<TimeSpan>();
        for (var round = 0; round < rounds; round++)
        {
            var (node, logs) = await cluster.Busiest();
            load.MarkGaps();
            await (disturbance == Disturbance.Kill ? node.Kill() : node.Leave());
            await load.AllAnswered();
            var all = load.Gaps();
            gaps.AddRange(logs.Select(log => all[log]));
            await cluster.Restore();
        }
        await load.Stop();
        gaps.Sort();
        return (gaps, await load.Compare(name => cluster.Logs.Client(name)));
    }

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:F2} s");
}
