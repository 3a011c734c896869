using System.Diagnostics;
using System.Xml.Linq;

namespace AkkaWal.Benchmarks.Tests;

/// <summary>
/// The benchmarks start, run each workload and report, at sizes that measure nothing. No timing is asserted.
/// </summary>
public sealed class QuickRunSpec : IDisposable
{
    private static readonly string[] Workloads =
    [
        "durable", "buffered-batches", "buffered-messages", "scan", "random-reads", "lookup", "roll", "node", "start",
        "opening", "opening-many", "many-logs", "varied-sizes", "memory",
        "compress", "old-reads", "maintenance", "list", "ownership-check", "telemetry",
        "client-appends", "client-scan", "follow",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("akkawal-bench-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Program
    {
        get
        {
            // artifacts/bin/<project>/<configuration>/
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "AkkaWal.Benchmarks", own.Name, "AkkaWal.Benchmarks");
        }
    }

    private static async Task<string> Run(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {await error}");
        return await output;
    }

    [Fact]
    public async Task Quick_run_should_run_each_workload_and_report_and_plot_and_leave_nothing()
    {
        var results = Path.Combine(_directory, "results.tsv");
        var scratch = Directory.CreateDirectory(Path.Combine(_directory, "scratch")).FullName;
        var report = await Run("run", "--quick", "--dir", scratch, "--out", results);

        var rows = File.ReadLines(results).Where(line => !line.StartsWith('#')).Skip(1).Select(line => line.Split('\t'))
            .ToList();
        Assert.Equal(Workloads.Order(), rows.Select(row => row[0]).Distinct().Order());
        foreach (var workload in Workloads) Assert.Contains($"\n{workload}, ", report, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(scratch));

        var plots = Path.Combine(_directory, "plots");
        await Run("plot", results, "--out", plots);
        Assert.Contains("The goals", File.ReadAllText(Path.Combine(plots, "results.md")), StringComparison.Ordinal);
        var drawn = Directory.GetFiles(plots, "*.svg");
        foreach (var workload in Workloads)
            Assert.Contains(drawn, file => Path.GetFileName(file).StartsWith(workload, StringComparison.Ordinal));
        Assert.All(drawn, file => Assert.Equal("svg", XDocument.Load(file).Root!.Name.LocalName));
    }

    [Theory]
    [InlineData("run --only nothing", "durable")]
    [InlineData("run --only scan --rounds many", "--rounds wants a number")]
    [InlineData("run --only scan --rounds 0", "--rounds wants a number")]
    [InlineData("run --only scan --out /no/such/folder/results.tsv", "/no/such/folder")]
    [InlineData("run --only scan --quick --variant nothing", "'nothing'")]
    [InlineData("plot /no/such/file", "/no/such/file")]
    [InlineData("plot /etc/passwd", "9 are expected")]
    [InlineData("draw", "measures, prints a table")]
    public async Task Wrong_arguments_should_be_refused_with_a_reason(string arguments, string reason)
    {
        // Where a file of results would come that is not named.
        using var process = Process.Start(
            new ProcessStartInfo(Program, arguments.Split(' '))
            {
                RedirectStandardError = true, WorkingDirectory = _directory,
            })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 2, $"exit {process.ExitCode}: {error}");
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }
}
