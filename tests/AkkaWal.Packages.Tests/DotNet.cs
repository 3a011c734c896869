using System.Diagnostics;

namespace AkkaWal.Packages.Tests;

/// <summary>Runs the SDK's own command.</summary>
internal static class DotNet
{
    /// <summary>The specs that build with it, one after the other: each of them takes all processors.</summary>
    internal const string Collection = "dotnet";

    // What the registry has served before need not be fetched again.
    internal static string NuGetFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>Runs it to its end, and fails where it does.</summary>
    /// <returns>What it wrote to standard output.</returns>
    internal static Task<string> RunAsync(string directory, params string[] arguments) =>
        RunAsync(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory });

    /// <summary>Runs a command that calls it, to its end, and fails where it does.</summary>
    /// <returns>What it wrote to standard output.</returns>
    internal static async Task<string> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
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
            $"{start.FileName} {string.Join(' ', start.ArgumentList)}: {process.ExitCode}\n"
            + $"{await output}{await errors}");
        return await output;
    }

    private static bool IsOfTestHost(string name) =>
        name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("VSTEST", StringComparison.Ordinal);
}
