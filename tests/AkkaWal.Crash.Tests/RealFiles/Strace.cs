using System.Diagnostics;

namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>strace on a running process: fails chosen system calls from now on, until it is disposed.</summary>
internal sealed class Strace : IDisposable
{
    private readonly Process _process;

    /// <param name="processId">The process to trace.</param>
    /// <param name="calls">The calls to fail, with commas.</param>
    /// <param name="error">The error, such as EIO.</param>
    /// <param name="when">Which calls fail, counted for each thread and each call: 2 or 2+, for instance.</param>
    public Strace(int processId, string calls, string error, string when)
    {
        string[] arguments = ["-f", "-p", $"{processId}", "-o", "/dev/null", "-e", $"trace={calls}", "-e",
            $"inject={calls}:error={error}:when={when}"];
        _process = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;
        // "strace: Process 123 attached with 17 threads": all of them are stopped or traced by then.
        var line = _process.StandardError.ReadLine();
        if (line?.Contains("attached", StringComparison.Ordinal) != true)
            throw new InvalidOperationException($"strace: {line}");
        _ = _process.StandardError.ReadToEndAsync();
    }

    public void Dispose()
    {
        LinuxTools.Run("kill", "-INT", $"{_process.Id}");
        _process.WaitForExit();
        _process.Dispose();
    }
}
