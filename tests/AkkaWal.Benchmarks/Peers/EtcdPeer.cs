using System.Diagnostics;
using System.Globalization;
using AkkaWal.Benchmarks.Harness;

namespace AkkaWal.Benchmarks.Peers;

/// <summary>
/// etcd's write-ahead log, in a Go program of its own that is built once a run. It takes part where Go and etcd's
/// sources are installed as Debian packages (golang-go and golang-etcd-server-dev), and is left out elsewhere.
/// </summary>
internal static class EtcdPeer
{
    private const string Go = "/usr/bin/go", GoPath = "/usr/share/gocode",
        Sources = GoPath + "/src/go.etcd.io/etcd/wal";

    /// <summary>Whether it can take part here.</summary>
    internal static bool IsInstalled { get; } = Directory.Exists(Sources) && File.Exists(Go);

    /// <summary>
    /// Concurrent writers that each wait for the sync of their entry. Entries that wait at the same time share a sync.
    /// </summary>
    internal static IReadOnlyList<Figure> DurableAppends(BenchContext context, int writers, byte[] payload)
    {
        var path = context.NewPath("etcd");
        try
        {
            var arguments = new[] { writers, payload.Length, (int)context.WarmUp.TotalMilliseconds,
                (int)context.Duration.TotalMilliseconds };
            var lines = Run(Build(context), [path, .. arguments.Select(a => a.ToString(CultureInfo.InvariantCulture))]);
            var head = lines[0].Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            var latencies = new Latencies();
            foreach (var line in lines.Skip(1)) latencies.Add(long.Parse(line, CultureInfo.InvariantCulture));
            return
            [
                new(Metrics.Rate, latencies.Count / TimeSpan.FromMicroseconds(head[0] / 1000.0).TotalSeconds),
                .. latencies.Figures(),
                new(Metrics.PerSync, latencies.Count / (double)Math.Max(1, head[1])),
            ];
        }
        finally
        {
            BenchContext.Remove(path);
        }
    }

    private static string Build(BenchContext context)
    {
        var program = Path.Combine(context.Root, "etcd-wal");
        if (!File.Exists(program))
            Run(Go, ["build", "-o", program, Path.Combine(AppContext.BaseDirectory, "Peers", "Etcd", "main.go")]);
        return program;
    }

    private static string[] Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        // The sources are older than Go modules. Settings for other programs must not change the build.
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = GoPath;
        start.Environment["GOFLAGS"] = "";
        start.Environment.TryAdd("HOME", Path.GetTempPath());
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
