using System.Diagnostics;

namespace AkkaWal.Packages.Tests;

/// <summary>Runs the SDK's own command.</summary>
internal static class DotNet
{
    /// <summary>The specs that build with it, one after the other: each of them takes all processors.</summary>
    internal const string Collection = "dotnet";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>Runs it to its end, and fails where it does.</summary>
    /// <returns>What it wrote to standard output.</returns>
    internal static async Task<string> RunAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test host's own settings are not for others.
        foreach (var name in start.Environment.Keys.Where(IsOfTestHost).ToList()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        Assert.True(
            process.ExitCode == 0,
            $"dotnet {string.Join(' ', arguments)}: {process.ExitCode}\n{await output}{await errors}");
        return await output;
    }

    private static bool IsOfTestHost(string name) =>
        name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("VSTEST", StringComparison.Ordinal);
}
