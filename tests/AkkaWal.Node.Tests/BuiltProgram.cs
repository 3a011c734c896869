using System.Diagnostics;

namespace AkkaWal.Node.Tests;

/// <summary>The built program, as a shell starts it.</summary>
internal static class BuiltProgram
{
    /// <summary>How long a test waits for a process that it started.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The program's path.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "AkkaWal.Node");

    /// <summary>Runs a script of bash to its end.</summary>
    /// <param name="script">The script.</param>
    /// <param name="directory">Where it runs; where the tests run if it is null.</param>
    /// <param name="search">A directory that is searched for programs first; none if it is null.</param>
    public static async Task<(string Output, string Error, int Status)> Shell(
        string script, string? directory = null, string? search = null)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", script])
        {
            WorkingDirectory = directory ?? "", RedirectStandardInput = true,
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (search is not null) start.Environment["PATH"] = $"{search}:{start.Environment["PATH"]}";
        using var shell = Process.Start(start)!;
        shell.StandardInput.Close();
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync().WaitAsync(Patience);
        return (await output, await error, shell.ExitCode);
    }
}
