using System.Diagnostics;

namespace AkkaWal.Node.Tests.CommandLine.Processes;

/// <summary>A verb of the built program that runs until it ends, is stopped, or the test ends.</summary>
internal sealed class StartedVerb : IDisposable
{
    private static readonly TimeSpan Patience = BuiltProgram.Patience;

    // A process that a shell starts in the background ignores SIGINT, and so do its children.
    public StartedVerb(params string[] arguments) => Process = Process.Start(
        new ProcessStartInfo("env", ["--default-signal=INT", BuiltProgram.Path, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    public Process Process { get; }

    public async Task<string?> NextLine() => await Process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>Sends a signal, and returns the exit status.</summary>
    public async Task<int> End(string signal)
    {
        await Send(signal);
        await Process.WaitForExitAsync().WaitAsync(Patience);
        return Process.ExitCode;
    }

    /// <summary>Reads all output, and waits for the end.</summary>
    public async Task<(int Status, string Output, string Error)> Ended()
    {
        var (output, error) = (Process.StandardOutput.ReadToEndAsync(), Process.StandardError.ReadToEndAsync());
        await Process.WaitForExitAsync().WaitAsync(Patience);
        return (Process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal; it is lost if the process has ended.</summary>
    public async Task Send(string signal)
    {
        var start = new ProcessStartInfo("kill", [$"-{signal}", $"{Process.Id}"]) { RedirectStandardError = true };
        using var kill = Process.Start(start)!;
        await kill.WaitForExitAsync().WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!Process.HasExited) Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }
}
