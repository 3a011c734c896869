using System.Diagnostics;
using System.Text.RegularExpressions;
using AkkaWal.Storage;

namespace AkkaWal.Hosting.Tests;

/// <summary>The worker service of src/AkkaWal.Example, run as a program.</summary>
public sealed class ExampleSpec : IDisposable
{
    private const int Orders = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _root = Directory.CreateTempSubdirectory("akkawal-example-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Orders_should_be_in_the_log_and_in_the_metrics_that_it_exports()
    {
        var printed = await Run();
        Assert.Contains($"took {Orders} orders", printed, StringComparison.Ordinal);
        Assert.Contains("Healthy: orders", printed, StringComparison.Ordinal);
        Assert.Equal(Orders, LastValue(printed, "akkawal.records"));
        Assert.InRange(LastValue(printed, "shop.items.billed"), 1, 3 * Orders);

        using var log = LogReader.Open(Path.Combine(_root, "orders"));
        Assert.Equal(Orders, log.NextOffset);
    }

    // The value in the last export of an instrument.
    private static long LastValue(string printed, string instrument)
    {
        var last = printed.LastIndexOf($"Metric Name: {instrument},", StringComparison.Ordinal);
        Assert.True(last >= 0, $"{instrument} was not exported:\n{printed}");
        return long.Parse(Regex.Match(printed[last..], @"^Value: (\d+)", RegexOptions.Multiline).Groups[1].Value);
    }

    private async Task<string> Run()
    {
        // artifacts/bin/<project>/<configuration>/
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(own.Parent!.Parent!.FullName, "AkkaWal.Example", own.Name, "AkkaWal.Example");
        var start = new ProcessStartInfo(program, [$"--Shop:Directory={_root}", $"--Shop:Orders={Orders}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        Assert.True(process.ExitCode == 0, $"{process.ExitCode}: {await output}{await error}");
        return await output;
    }
}
