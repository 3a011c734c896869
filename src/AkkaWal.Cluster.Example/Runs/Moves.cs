using System.Diagnostics;
using AkkaWal.Cluster.Example.History;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Example.Runs;

/// <summary>
/// Measures how long the logs of a node do not answer after it leaves and after it is killed, and how long the steps of
/// the fail-over take: 100 logs on three nodes, 1,000 appends a second.
/// </summary>
internal static class Moves
{
    private const int Logs = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    internal static async Task Print(int rounds)
    {
        var leaves = await Measure(Disturbance.Leave, rounds);
        var kills = await Measure(Disturbance.Kill, rounds);
        BenchVerb.Head("time without an answer, logs of a node that", "rounds", "p50", "max", "lost", "doubled");
        foreach (var (what, run) in new[] { ("leaves", leaves), ("is killed", kills) })
            BenchVerb.Row(
                what, $"{rounds}", Median(run.Gaps), Seconds(run.Gaps.Max()),
                $"{run.Verdict.Count(ViolationKind.Lost)}", $"{run.Verdict.Count(ViolationKind.Doubled)}");

        BenchVerb.Head("step after a node was killed", "rounds", "p50", "max");
        foreach (var step in kills.Steps.SelectMany(steps => steps.Times).GroupBy(step => step.Name))
        {
            var times = step.Select(one => one.Time).OfType<TimeSpan>().ToList();
            if (times.Count > 0) BenchVerb.Row(step.Key, $"{times.Count}", Median(times), Seconds(times.Max()));
        }
    }

    private static async Task<Measurement> Measure(Disturbance disturbance, int rounds)
    {
        await using var cluster = await ProcessCluster.Start(new ProcessCluster.Setup());
        var load = new Load(cluster.History, Pause);
        foreach (var name in Enumerable.Range(0, Logs).Select(i => $"orders-{i}"))
            load.AppendConditionally(cluster.Logs.Client(name), name, "client");
        await load.AllAnswered();

        var gaps = new List<TimeSpan>();
        var steps = new List<FailoverSteps>();
        for (var round = 0; round < rounds; round++)
        {
            var (node, logs) = await cluster.Busiest();
            load.MarkGaps();
            var wentAt = Stopwatch.GetTimestamp();
            await (disturbance == Disturbance.Kill ? node.Kill() : node.Leave());
            await load.AllAnswered();
            steps.Add(cluster.Timeline.Steps(node.Name, wentAt, Stopwatch.GetTimestamp()));
            var all = load.Gaps();
            gaps.AddRange(logs.Select(log => all[log]));
            await cluster.Restore();
        }
        await load.Stop();
        return new Measurement(gaps, steps, await load.Compare(name => cluster.Logs.Client(name)));
    }

    private static string Median(List<TimeSpan> times) => Seconds(times.Order().ElementAt(times.Count / 2));

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:F2} s");

    private sealed record Measurement(List<TimeSpan> Gaps, List<FailoverSteps> Steps, Verdict Verdict);
}
