using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using AkkaWal.Cluster.Example.History;
using AkkaWal.Cluster.Example.Nodes;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>
/// Nodes with logs, as processes on this machine, and a node in this process that only uses the logs. Disposing of it
/// ends all nodes and removes their directory.
/// </summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("wal-processes-").FullName;
    private readonly string _name = $"shop-{Guid.NewGuid():N}";
    private readonly List<NodeProcess> _nodes = [];
    private readonly Func<int, Place> _placeOf;
    private readonly Setup _setup;
    private ExampleNode? _client;

    private ProcessCluster(Setup setup)
    {
        _setup = setup;
        var ports = Enumerable.Range(0, setup.Count + 1).Select(_ => Ports.Free()).ToList();
        _placeOf = setup.PlaceOf ?? (i => new Place("127.0.0.1", ports[i]));
    }

    /// <summary>The nodes with logs, by their number.</summary>
    internal IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>The logs, as the node in this process sees them.</summary>
    internal ShardedWal Logs => Client.Logs;

    internal ExampleNode Client => _client ?? throw new InvalidOperationException("the cluster was not started");

    /// <summary>What happened to the nodes, and when.</summary>
    internal Timeline Timeline { get; } = new();

    /// <summary>The notes of all writers, those in the nodes' processes too.</summary>
    internal HistoryChecker History { get; } = new();

    /// <summary>Starts all nodes. They are up when this returns.</summary>
    internal static async Task<ProcessCluster> Start(Setup setup)
    {
        var cluster = new ProcessCluster(setup);
        try
        {
            for (var i = 0; i < setup.Count; i++) cluster._nodes.Add(await cluster.StartNode(i));
            await Task.WhenAll(cluster._nodes.Select(node => node.Up));
            await cluster.StartClient();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts all nodes again that have ended. They are up when this returns.</summary>
    internal async Task Restore()
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (!_nodes[i].HasExited) continue;
            await _nodes[i].Ended;
            _nodes[i].Dispose();
            _nodes[i] = await StartNode(i);
            await _nodes[i].Up;
        }
    }

    /// <summary>The root of a node's logs.</summary>
    internal string RootOf(int node) => Path.Combine(
        _directory, _setup.Placement == WalPlacement.Shared ? "shared" : $"disk-{node}");

    /// <summary>The node with the most open logs, and their names.</summary>
    internal async Task<(NodeProcess Node, IReadOnlyList<string> Logs)> Busiest()
    {
        var logs = await Task.WhenAll(_nodes.Select(async node => (node, await OpenLogs(node))));
        return logs.MaxBy(one => one.Item2.Count);
    }

    /// <summary>Sends a node a command, and returns the answer without its first word.</summary>
    /// <exception cref="TimeoutException">The node does not answer.</exception>
    internal async Task<string> Ask(NodeProcess node, string command)
    {
        var word = $"{command.Split(' ')[0]} ";
        var askedAt = Stopwatch.GetTimestamp();
        node.Tell(command);
        var answer = await Timeline.Next(
            askedAt, one => one.Node == node.Name && one.What.StartsWith(word, StringComparison.Ordinal),
            Load.Patience);
        return answer.What[word.Length..];
    }

    public async ValueTask DisposeAsync()
    {
        // It leaves faster while the other nodes are still there.
        if (_client is not null) await _client.DisposeAsync();
        foreach (var node in _nodes) node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<IReadOnlyList<string>> OpenLogs(NodeProcess node) =>
        (await Ask(node, NodeWords.Logs)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private async Task<NodeProcess> StartNode(int number)
    {
        var root = Directory.CreateDirectory(RootOf(number)).FullName;
        var isLocal = _setup.Placement == WalPlacement.Local;
        var place = _placeOf(number);
        return await NodeProcess.Start(
            new NodeOptions
            {
                Cluster = _name,
                Host = place.Host,
                Port = place.Port,
                Root = root,
                // A directory of this run is never one that is not mounted.
                InitializeRoot = true,
                Placement = _setup.Placement,
                Role = isLocal ? RoleOf(number) : null,
                NodeRoles = NodeRoles(),
                Failover = _setup.Failover,
                Seeds = Seeds(number),
            },
            AddLine,
            place.Prefix);
    }

    private async Task StartClient()
    {
        var place = _placeOf(_setup.Count);
        _client = await ExampleNode.Start(new NodeOptions
        {
            Cluster = _name,
            Host = place.Host,
            Port = place.Port,
            Placement = _setup.Placement,
            NodeRoles = NodeRoles(),
            Failover = _setup.Failover,
            Seeds = Seeds(_setup.Count),
        });
        _client.System.ActorOf(Props.Create(() => new Watcher(Timeline)));
    }

    private string[] NodeRoles() => _setup.Placement == WalPlacement.Local
        ? [.. Enumerable.Range(0, _setup.Count).Select(RoleOf)] : [];

    private static string RoleOf(int number) => string.Create(CultureInfo.InvariantCulture, $"disk-{number}");

    // A node whose own address is the first seed founds a cluster if it finds none. Only the first node may do that,
    // and not after a restart.
    private IReadOnlyList<string> Seeds(int number)
    {
        if (_nodes.Count == 0) return [SeedOf(0)];
        return [.. Enumerable.Range(0, _setup.Count).Where(other => other != number).Select(SeedOf)];

        string SeedOf(int node) => string.Create(
            CultureInfo.InvariantCulture, $"{_placeOf(node).Host}:{_placeOf(node).Port}");
    }

    private void AddLine(NodeProcess node, string line)
    {
        if (History.TryAdd(line)) return;
        Timeline.Add(node.Name, line);
    }

    /// <summary>What a cluster is started with.</summary>
    internal sealed record Setup
    {
        /// <summary>How many nodes have logs.</summary>
        internal int Count { get; init; } = 3;

        internal WalPlacement Placement { get; init; } = WalPlacement.Shared;

        internal Failover Failover { get; init; } = Failover.Recommended;

        /// <summary>
        /// The place of each node; that of the node in this process comes last. Null for free ports of loopback.
        /// </summary>
        internal Func<int, Place>? PlaceOf { get; init; }
    }

    /// <summary>The address at which a node listens, and the words that stand before its command.</summary>
    internal sealed record Place(string Host, int Port, IReadOnlyList<string>? Prefix = null);

    private sealed class Watcher : UntypedActor
    {
        private readonly Timeline _timeline;

        public Watcher(Timeline timeline) => _timeline = timeline;

        protected override void PreStart() => Akka.Cluster.Cluster.Get(Context.System).Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.ReachabilityEvent), typeof(ClusterEvent.IMemberEvent));

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ClusterEvent.UnreachableMember unreachable:
                    Add(unreachable.Member, Timeline.Unreachable);
                    break;
                case ClusterEvent.ReachableMember reachable:
                    Add(reachable.Member, Timeline.Reachable);
                    break;
                case ClusterEvent.MemberRemoved removed:
                    Add(removed.Member, Timeline.Removed);
                    break;
            }
        }

        private void Add(Member member, string what) =>
            _timeline.Add($"{member.Address.Host}:{member.Address.Port}", what);
    }
}
