using System.Text;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests;

/// <summary>Many logs on several nodes, used from every node.</summary>
public sealed class ShardedLogsSpec : ClusterSpec
{
    [Fact]
    public async Task Logs_should_be_written_and_read_from_every_node_and_from_a_proxy()
    {
        for (var i = 0; i < 3; i++) await Cluster.StartNode();
        await Cluster.StartProxy();
        var logs = Enumerable.Range(0, 100).Select(i => $"orders-{i}").ToList();

        // Each node appends to each log.
        await Task.WhenAll(logs.Select(async log =>
        {
            for (var i = 0; i < Cluster.Nodes.Count; i++)
                Assert.Equal(i, await ClientOn(i, log).AppendAsync(PayloadOf(log, i)));
        }));
        await Task.WhenAll(logs.SelectMany(log => Enumerable.Range(0, Cluster.Nodes.Count).Select(async node =>
        {
            var read = await ClientOn(node, log).ReadBatchAsync(0);
            Assert.Equal(
                Enumerable.Range(0, Cluster.Nodes.Count).Select(i => Text(PayloadOf(log, i))),
                read.Payloads.Select(Text));
        })));

        // The logs are spread over the nodes, and none is open twice.
        var open = new List<IReadOnlyList<string>>();
        foreach (var node in Cluster.Nodes.Take(3)) open.Add(await node.OpenLogs());
        Assert.All(open, Assert.NotEmpty);
        Assert.Equal(logs.Order(), open.SelectMany(one => one).Order());
        Assert.Equal(100, Directory.GetDirectories(Cluster.SharedRoot).Length);
    }

    private WalClient ClientOn(int node, string log) => Cluster.Nodes[node].Logs.Client(log);

    // Each payload has a size of its own. So lost bytes, or those of another message, are found.
    private static byte[] PayloadOf(string log, int node) =>
        Encoding.UTF8.GetBytes($"{log} from {node}".PadRight(20 + 37 * node, '.'));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
