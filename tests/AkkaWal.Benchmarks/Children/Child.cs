using System.Diagnostics;

namespace AkkaWal.Benchmarks.Children;

/// <summary>Starts processes: this program again with <c>child</c> before the arguments, or the node.</summary>
internal static class Child
{
    /// <summary>Starts a part of this program as a process, with its input and output redirected.</summary>
    internal static Process Start(params string[] arguments) => StartFile(Self, ["child", .. arguments]);

    /// <summary>Starts the node, which is built beside this program.</summary>
    internal static Process StartNode(string dataDirectory, string flush) =>
        StartFile(NodeFile, ["--data-dir", dataDirectory, "--flush", flush]);

    private static string Self => Path.Combine(AppContext.BaseDirectory, "AkkaWal.Benchmarks");

    private static string NodeFile
    {
        get
        {
            // artifacts/bin/<project>/<configuration>/
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "AkkaWal.Node", own.Name, "AkkaWal.Node");
        }
    }

    internal static void KillHard(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    private static Process StartFile(string file, string[] arguments) =>
        Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException($"{file} does not start");
}
