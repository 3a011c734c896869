using AkkaWal.Benchmarks.Children;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Plots;
using AkkaWal.Benchmarks.Reports;
using AkkaWal.Benchmarks.Workloads.Appends;
using AkkaWal.Benchmarks.Workloads.Maintenance;
using AkkaWal.Benchmarks.Workloads.Reads;
using AkkaWal.Benchmarks.Workloads.Startup;

namespace AkkaWal.Benchmarks;

/// <summary>
/// The command line: <c>run</c>, <c>plot</c>, and the parts of a run that need a process of their own.
/// </summary>
internal static class Program
{
    private const int UsageError = 2;

    private const string Usage = """
        run [--quick] [--only NAME[,NAME...]] [--variant TEXT] [--contender NAME] [--rounds N] [--dir DIR] [--out FILE]
            measures, prints a table and writes FILE (benchmark-results.tsv)
        plot FILE [--out DIR]
            draws what FILE holds as SVG files in DIR (docs/benchmarks), with tables of it in results.md
        """;

    private static readonly Workload[] Workloads =
    [
        DurableAppends.Workload, BufferedAppends.Batches, BufferedAppends.Messages, Scans.Workload,
        RandomReads.Workload, Lookups.Workload, Rolls.Workload, NodePipe.Requests, NodePipe.Starts,
        Openings.Workload, ManySegments.Workload, ManyLogs.Workload, VariedSizes.Workload,
        Compressions.Workload, OldSegments.Reads, OldSegments.Maintenance, OldSegments.Lists,
        OwnershipChecks.Workload, Telemetry.Workload, ClientAppends.Workload, ClientReads.Scans, ClientReads.Follow,
    ];

    private static int Main(string[] arguments)
    {
        try
        {
            return arguments switch
            {
                ["run", .. var rest] => Run(RunOptions.Parse(rest)),
                ["plot", var file] => Plot(file, Path.Combine("docs", "benchmarks")),
                ["plot", var file, "--out", var directory] => Plot(file, directory),
                ["child", FillChild.Name, .. var rest] => FillChild.Run(rest),
                ["child", MemoryChild.Name, .. var rest] => MemoryChild.Run(rest),
                ["child", ManyLogsChild.Name, .. var rest] => ManyLogsChild.Run(rest),
                ["child", BareLoop.Name] => BareLoop.Run(),
                _ => Refuse(Usage),
            };
        }
        catch (ArgumentException e)
        {
            return Refuse($"{e.Message}\n{Usage}");
        }
    }

    private static int Run(RunOptions options)
    {
        var unknown = options.Only.Except(Workloads.Select(w => w.Name)).ToList();
        if (unknown.Count > 0)
            return Refuse(
                $"no workload {string.Join(", ", unknown)}; "
                + $"there are {string.Join(", ", Workloads.Select(w => w.Name))}");
        // A run takes half an hour. So whether its results can be written is checked before it.
        if (Problem(() =>
        {
            Directory.CreateDirectory(options.Directory);
            File.Open(options.OutFile, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        }) is { } problem) return Refuse(problem);
        using var context = new BenchContext(options);
        var results = new Runner(context, Console.Error).Run(
            Workloads.Where(w => options.Only.Count == 0 || options.Only.Contains(w.Name)));
        if (results.Series.Count == 0)
            return Refuse(
                $"nothing to measure: no variant of these workloads has '{options.Variant}' in its name "
                + $"and a contender '{options.Contender}'");
        TextReport.Write(Console.Out, results);
        ResultsFile.Write(options.OutFile, results);
        return 0;
    }

    private static int Plot(string file, string directory)
    {
        var problem = Problem(() =>
        {
            var results = ResultsFile.Read(file);
            foreach (var path in Plotter.Draw(results, directory)) Console.Out.WriteLine(path);
            File.WriteAllText(Path.Combine(directory, "results.md"), MarkdownReport.Of(results));
        });
        return problem is null ? 0 : Refuse(problem);
    }

    /// <summary>Does work with files that the command line names.</summary>
    /// <returns>Why it failed; null if it did not.</returns>
    private static string? Problem(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return e.Message;
        }
    }

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return UsageError;
    }
}
