using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AkkaWal.Benchmarks.Peers;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>Runs contests: in each round every contender once, and in each round another one first.</summary>
internal sealed class Runner(BenchContext context, TextWriter progress)
{
    private readonly List<(string Name, string Value)> _facts = [];
    private readonly List<Series> _series = [];

    internal Results Run(IEnumerable<Workload> workloads)
    {
        Note("date", DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        Note("machine", $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}");
        Note(
            "runtime",
            $"{RuntimeInformation.FrameworkDescription}, "
            + $"Akka {typeof(Akka.Actor.ActorSystem).Assembly.GetName().Version}");
        Note("load before", LoadAverage());
        Note("rounds", context.Options.Rounds.ToString(CultureInfo.InvariantCulture));
        if (!EtcdPeer.IsInstalled)
            Note("left out", "etcd's WAL, which needs Debian's packages golang-go and golang-etcd-server-dev");
        if (!RocksDbPeer.IsAvailable) Note("left out", "RocksDB, whose native library can't be loaded");
        if (context.IsQuick) Note(Results.QuickFact, "sizes too small to mean anything");
        foreach (var workload in workloads)
        {
            var clock = Stopwatch.StartNew();
            foreach (var contest in workload.Contests(context).Where(IsWanted)) Run(contest);
            progress.WriteLine($"{workload.Name} took {(long)clock.Elapsed.TotalSeconds} s");
        }
        Note("load after", LoadAverage());
        return new Results(_facts, _series);
    }

    private bool IsWanted(Contest contest) =>
        context.Options.Variant is not { } only || contest.Variant.Contains(only, StringComparison.OrdinalIgnoreCase);

    private void Run(Contest contest)
    {
        var values = new Dictionary<(string Contender, string Metric), List<double>>();
        var rounds = context.IsQuick ? 1 : contest.Rounds ?? context.Options.Rounds;
        // Round 0 lets the compiler optimize the hot code. Its numbers do not count.
        for (var round = context.IsQuick || !contest.WarmsUp ? 1 : 0; round <= rounds; round++)
        {
            for (var i = 0; i < contest.Contenders.Count; i++)
            {
                var contender = contest.Contenders[(i + round) % contest.Contenders.Count];
                if (context.Options.Contender is { } only && contender.Name != only) continue;
                progress.WriteLine(
                    $"  {contest.Workload} {contest.Variant}: {contender.Name}, round {round} of {rounds}");
                context.CollectAndSync();
                foreach (var (metric, value) in contender.Run())
                {
                    if (round == 0) continue;
                    if (!values.TryGetValue((contender.Name, metric), out var list))
                        values[(contender.Name, metric)] = list = [];
                    list.Add(value);
                }
            }
        }
        foreach (var contender in contest.Contenders)
            foreach (var (key, list) in values.Where(v => v.Key.Contender == contender.Name))
                _series.Add(new Series(contest.Workload, contest.Variant, key.Contender, key.Metric, list));
    }

    private void Note(string name, string value) => _facts.Add((name, value));

    private static string LoadAverage() =>
        File.Exists("/proc/loadavg")
            ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "not known";
}
