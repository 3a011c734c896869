using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Example.Runs;

/// <summary>
/// Measures how many appends and reads a second one node with 100 logs carries out: for callers on the same node, and
/// for callers on another node, which is another process of this machine.
/// </summary>
internal static class Rates
{
    private const int Logs = 100, PayloadBytes = 100;

    private static readonly int[] Callers = [1, 256, 1024];

    internal static async Task Print(TimeSpan time)
    {
        BenchVerb.Head("requests a second", "callers", "on the log's node", "from another node");
        var near = await OnTheNode(time);
        var far = await FromAnother(time);
        foreach (var (what, row) in near)
            BenchVerb.Row(what.Request, $"{what.Callers}", $"{row:N0}", $"{far[what]:N0}");
    }

    private static async Task<Dictionary<(string Request, int Callers), double>> OnTheNode(TimeSpan time)
    {
        var root = Directory.CreateTempSubdirectory("wal-rates-").FullName;
        try
        {
            var port = Ports.Free();
            await using var node = await ExampleNode.Start(new NodeOptions
            {
                Port = port, Root = root, InitializeRoot = true, Seeds = [$"127.0.0.1:{port}"],
            });
            return await Measure(node.Logs, time);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<Dictionary<(string Request, int Callers), double>> FromAnother(TimeSpan time)
    {
        await using var cluster = await ProcessCluster.Start(new ProcessCluster.Setup { Count = 1 });
        return await Measure(cluster.Logs, time);
    }

    private static async Task<Dictionary<(string Request, int Callers), double>> Measure(ShardedWal logs, TimeSpan time)
    {
        var clients = Enumerable.Range(0, Logs).Select(i => logs.Client($"orders-{i}")).ToList();
        var payload = new byte[PayloadBytes];
        Random.Shared.NextBytes(payload);
        Task Append(int caller) => clients[caller % Logs].AppendAsync(payload);
        Task Read(int caller) => clients[caller % Logs].ReadAsync(0);

        // Before the measurement the code is compiled, and each log gets records to read.
        await Rate(Append, Callers[1], time);
        await Rate(Read, Callers[1], time);
        var rates = new Dictionary<(string, int), double>();
        foreach (var callers in Callers)
        {
            rates[("appends", callers)] = await Rate(Append, callers, time);
            rates[("reads", callers)] = await Rate(Read, callers, time);
        }
        return rates;
    }

    private static async Task<double> Rate(Func<int, Task> request, int callers, TimeSpan time)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(startedAt) < time; count++) await request(caller);
            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }
}
