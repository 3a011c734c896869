using System.Globalization;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Example.Runs;

/// <summary>Measures with /proc what many open logs cost a node: memory, threads and open files.</summary>
internal static class Footprint
{
    internal static async Task Print(int count)
    {
        await using var cluster = await ProcessCluster.Start(new ProcessCluster.Setup { Count = 1 });
        BenchVerb.Head("open logs of a node", "resident memory", "threads", "open files");
        await Open(1);
        Show(1);
        await Open(count);
        Show(count);

        async Task Open(int logs)
        {
            for (var i = 0; i < logs; i++) await cluster.Logs.Client($"orders-{i}").AppendAsync(new byte[100]);
        }

        void Show(int logs)
        {
            var process = $"/proc/{cluster.Nodes[0].Id}";
            var status = File.ReadLines($"{process}/status").Select(line => line.Split(':', 2)).ToDictionary(
                field => field[0], field => field[1].Trim().Split(' ')[0]);
            var mebibytes = long.Parse(status["VmRSS"], CultureInfo.InvariantCulture) >> 10;
            var files = Directory.GetFileSystemEntries($"{process}/fd").Length;
            BenchVerb.Row($"{logs:N0}", $"{mebibytes:N0} MiB", status["Threads"], $"{files:N0}");
        }
    }
}
