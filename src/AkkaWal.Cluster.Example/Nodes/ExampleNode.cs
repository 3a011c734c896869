using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaWal.Cluster.Example.Nodes;

/// <summary>A node of the example's cluster in this process, with logs or only with a proxy.</summary>
internal sealed class ExampleNode : IAsyncDisposable
{
    /// <summary>The name of the region.</summary>
    internal const string Region = "orders";

    /// <summary>The role of the nodes with logs.</summary>
    internal const string StorageRole = "storage";

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(20);

    // What differs from the defaults. In a split the side with more of the nodes with logs survives.
    private static readonly Config Settings = ConfigurationFactory.ParseString($$"""
        akka {
          stdout-loglevel = OFF
          log-dead-letters = off
          remote.dot-netty.tcp.maximum-frame-size = 1 MiB
          cluster.split-brain-resolver.keep-majority.role = {{StorageRole}}
        }
        """);

    private readonly IHost _host;

    private ExampleNode(IHost host) => _host = host;

    internal ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    internal Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    internal ShardedWal Logs => _host.Services.GetRequiredKeyedService<ShardedWal>(Region);

    /// <summary>Starts a node. It is up in its cluster when this returns.</summary>
    internal static async Task<ExampleNode> Start(NodeOptions options)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        // Standard output is for the process that has started this one: see NodeWords.
        if (options.Root is not null) builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddAkka(options.Cluster, akka => Configure(akka, options));
        builder.Services.AddShardedWal(Region);
        var node = new ExampleNode(builder.Build());
        try
        {
            await node._host.StartAsync();
            var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            node.Cluster.RegisterOnMemberUp(() => up.TrySetResult());
            await await Task.WhenAny(up.Task, node.End());
            if (!up.Task.IsCompleted) throw new InvalidOperationException("the node ended before it was up");
            return node;
        }
        catch
        {
            node._host.Dispose();
            throw;
        }
    }

    /// <summary>The logs that are open on this node now.</summary>
    internal async Task<IReadOnlyList<string>> OpenLogs(TimeSpan patience)
    {
        var state = await Logs.Region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, patience);
        return [.. state.Shards.SelectMany(shard => shard.EntityIds)];
    }

    /// <summary>Waits until the node shuts down: it was told to, has left its cluster, or was removed from
    /// it.</summary>
    internal Task End() => _host.WaitForShutdownAsync();

    /// <summary>Leaves the cluster and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static string[] RolesOf(NodeOptions options)
    {
        if (options.Root is null) return [];
        return options.Role is { } role ? [StorageRole, role] : [StorageRole];
    }

    private static void Configure(AkkaConfigurationBuilder akka, NodeOptions options)
    {
        akka.ConfigureLoggers(loggers =>
        {
            loggers.ClearLoggers();
            loggers.AddLoggerFactory();
            loggers.LogLevel = Akka.Event.LogLevel.WarningLevel;
        });
        if (options.Failover == Failover.Recommended) akka.AddHocon(ShardedWals.FailoverConfig, HoconAddMode.Prepend);
        akka.AddHocon(Settings, HoconAddMode.Prepend);
        akka.WithRemoting(options.Host, options.Port);
        akka.WithClustering(new ClusterOptions
        {
            Roles = RolesOf(options),
            SeedNodes = [.. options.Seeds.Select(options.SeedAddress)],
        });
        if (options.Root is null) akka.WithShardedWalProxy<ExampleNode>(Region, Describe);
        else akka.WithShardedWal<ExampleNode>(Region, Describe);

        void Describe(ShardedWalOptions logs)
        {
            (logs.Root, logs.InitializeRoot) = (options.Root, options.InitializeRoot);
            logs.Placement = options.Placement;
            foreach (var role in options.NodeRoles) logs.NodeRoles.Add(role);
            logs.Sharding.Role = StorageRole;
        }
    }
}
