using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Hosting;
using AkkaWal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaWal.Cluster.Tests.Nodes;

/// <summary>
/// A cluster in this process. Each node is an actor system with a host and a port of its own. Disposing stops all nodes
/// and removes the directory.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    internal const string Region = "logs";

    /// <summary>The role of the nodes with logs.</summary>
    internal const string Role = "storage";

    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Decisions take tenths of a second. The pause of heartbeats is long: on a busy machine no node should seem dead.
    // Remembered entities are in memory, since the durable store fails with the LightningDB that is restored here.
    private static readonly Config Quick = ConfigurationFactory.ParseString("""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, maximum-frame-size = 1 MiB }
          cluster {
            gossip-interval = 100 ms
            leader-actions-interval = 100 ms
            failure-detector { heartbeat-interval = 500 ms, acceptable-heartbeat-pause = 20 s }
            sharding {
              retry-interval = 200 ms
              rebalance-interval = 500 ms
              shard-start-timeout = 2 s
              distributed-data {
                gossip-interval = 100 ms
                notify-subscribers-interval = 50 ms
                durable.keys = []
              }
            }
            singleton.hand-over-retry-interval = 200 ms
          }
          coordinated-shutdown.default-phase-timeout = 10 s
        }
        """).WithFallback(TestLeaseOptions.Hocon);

    // A node that has not joined can't leave, and waits until this time is over.
    private static readonly Config NeverJoins =
        ConfigurationFactory.ParseString("akka.coordinated-shutdown.default-phase-timeout = 1 s");

    private readonly string _name;
    private readonly List<TestNode> _nodes = [];

    /// <param name="other">
    /// The other side of a cluster that is split: it has the same name and the same shared root, and the nodes of the
    /// two sides never meet. It must be disposed last. Null for a cluster of its own.
    /// </param>
    internal TestCluster(TestCluster? other = null)
    {
        _name = other?._name ?? $"wal-{Guid.NewGuid():N}";
        SharedRoot = other?.SharedRoot ?? Root("shared");
    }

    /// <summary>The directory of this cluster. All roots are below it.</summary>
    internal string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("wal-cluster-").FullName;

    internal IReadOnlyList<TestNode> Nodes => _nodes;

    /// <summary>The root that all nodes share.</summary>
    internal string SharedRoot { get; }

    /// <summary>Creates a directory for a root.</summary>
    internal string Root(string name) => System.IO.Directory.CreateDirectory(Path.Combine(Directory, name)).FullName;

    /// <summary>Starts a node with the region, by default on shared storage.</summary>
    internal Task<TestNode> StartNode(Action<ShardedWalOptions>? configure = null, params string[] roles) =>
        Start(WithRegion(configure), [Role, .. roles]);

    /// <summary>Starts a node that must fail, and returns the message.</summary>
    internal async Task<string> RefusalOf(Action<ShardedWalOptions>? configure = null, params string[] roles)
    {
        var withRegion = WithRegion(configure);
        var start = Start(akka => withRegion(akka.AddHocon(NeverJoins, HoconAddMode.Prepend)), [Role, .. roles]);
        return (await Assert.ThrowsAsync<WalConfigException>(() => start)).Message;
    }

    /// <summary>Starts a node with a proxy of the region.</summary>
    internal Task<TestNode> StartProxy(Action<ShardedWalOptions>? configure = null) =>
        Start(akka => akka.WithShardedWalProxy<TestCluster>(Region, options =>
        {
            options.Placement = WalPlacement.Shared;
            Adjust(options);
            configure?.Invoke(options);
        }), []);

    /// <summary>Starts a node. It has joined the cluster when this returns.</summary>
    internal async Task<TestNode> Start(Action<AkkaConfigurationBuilder> configure, string[] roles)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(_name, akka =>
        {
            akka.AddHocon(Quick, HoconAddMode.Prepend);
            akka.WithClustering(new ClusterOptions { Roles = roles });
            configure(akka);
        });
        builder.Services.AddShardedWal(Region);
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }
        var node = new TestNode(host);
        var first = _nodes.FirstOrDefault(one => !one.IsStopped);
        using var timeout = new CancellationTokenSource(Patience);
        await node.Cluster.JoinAsync((first ?? node).Cluster.SelfAddress, timeout.Token);
        // A node's view of the cluster may lag behind, and a client refuses requests for the disk of a node that is not
        // there.
        await Eventually.True(
            () => Task.FromResult(node.Cluster.SelfMember.Status == MemberStatus.Up), "the node sees itself up");
        _nodes.Add(node);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        // The youngest node stops first. The coordinator is on the oldest, so it does not move.
        foreach (var node in Enumerable.Reverse(_nodes)) await node.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private Action<AkkaConfigurationBuilder> WithRegion(Action<ShardedWalOptions>? configure) =>
        akka => akka.WithShardedWal<TestCluster>(Region, options =>
        {
            (options.Root, options.InitializeRoot, options.Placement) = (SharedRoot, true, WalPlacement.Shared);
            Adjust(options);
            configure?.Invoke(options);
        });

    private static void Adjust(ShardedWalOptions options)
    {
        options.Shards = 20;
        options.Sharding.Role = Role;
        options.Timeout = options.LockWait = Patience;
        options.TryTimeout = TimeSpan.FromSeconds(5);
        options.Log.Flush = FlushPolicy.OsCache;
    }
}

/// <summary>One node of a <see cref="TestCluster"/>.</summary>
internal sealed class TestNode(IHost host) : IAsyncDisposable
{
    internal ActorSystem System { get; } = host.Services.GetRequiredService<ActorSystem>();

    internal Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    internal ShardedWal Logs => host.Services.GetRequiredKeyedService<ShardedWal>(TestCluster.Region);

    internal IServiceProvider Services => host.Services;

    internal bool IsStopped { get; private set; }

    /// <summary>Whether the node has logs, and not only a proxy.</summary>
    internal bool HasLogs => Cluster.SelfRoles.Contains(TestCluster.Role);

    /// <summary>The logs that are open on this node now.</summary>
    internal async Task<IReadOnlyList<string>> OpenLogs()
    {
        var state = await Logs.Region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, TestCluster.Patience);
        return [.. state.Shards.SelectMany(shard => shard.EntityIds)];
    }

    /// <summary>Leaves the cluster and stops.</summary>
    internal async Task Stop()
    {
        if (IsStopped) return;
        IsStopped = true;
        await host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        host.Dispose();
    }
}
