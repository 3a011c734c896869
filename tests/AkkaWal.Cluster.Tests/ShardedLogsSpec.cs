using System.Text;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests;

/// <summary>Many logs over several nodes, used from every node.</summary>
public sealed class ShardedLogsSpec : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Logs_should_be_written_and_read_from_every_node_and_from_a_proxy()
    {
        for (var i = 0; i < 3; i++) await _cluster.StartNode();
        await _cluster.StartProxy();
        var logs = Enumerable.Range(0, 100).Select(i => $"orders-{i}").ToList();

        // Each node appends to each log.
        await Task.WhenAll(logs.Select(async log =>
        {
            for (var i = 0; i < _cluster.Nodes.Count; i++)
                Assert.Equal(i, await ClientOn(i, log).AppendAsync(PayloadOf(log, i)));
        }));
        await Task.WhenAll(logs.SelectMany(log => Enumerable.Range(0, _cluster.Nodes.Count).Select(async node =>
        {
            var read = await ClientOn(node, log).ReadBatchAsync(0);
            Assert.Equal(
                Enumerable.Range(0, _cluster.Nodes.Count).Select(i => Text(PayloadOf(log, i))),
                read.Payloads.Select(Text));
        })));

        // They are spread, and none is open twice.
        var open = new List<IReadOnlyList<string>>();
        foreach (var node in _cluster.Nodes.Take(3)) open.Add(await node.OpenLogs());
        Assert.All(open, Assert.NotEmpty);
        Assert.Equal(logs.Order(), open.SelectMany(one => one).Order());
        Assert.Equal(100, Directory.GetDirectories(_cluster.SharedRoot).Length);
    }

    private WalClient ClientOn(int node, string log) => _cluster.Nodes[node].Logs.Client(log);

    // Of a size of its own, so that bytes that are lost or those of another message show.
    private static byte[] PayloadOf(string log, int node) =>
        Encoding.UTF8.GetBytes($"{log} from {node}".PadRight(20 + 37 * node, '.'));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
