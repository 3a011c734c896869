using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Hosting;
using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Leases;
using AkkaWal.Cluster.Messages;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Placement;
using AkkaWal.Hosting;
using AkkaWal.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AkkaWal.Cluster;

/// <summary>
/// Adds sharded logs to an actor system that the generic host runs and that is a node of a cluster. Each entity of the
/// region is one log. <see cref="ShardedWals"/> finds a region by its name, and <c>IRequiredActor&lt;TKey&gt;</c> finds
/// its actor.
/// </summary>
public static class ShardedWalHostingExtensions
{
    private static readonly string[] HealthTags = ["akka", "wal", "cluster"];

    /// <summary>Adds a region of sharded logs to a node with storage.</summary>
    /// <typeparam name="TKey">The registry key of the shard region.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The region's name: letters, digits, '-' and '_'. The same on all nodes.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="adjust">Changes settings of the logs for which there is no option; null changes none.</param>
    /// <remarks>
    /// The start of the system fails with a <see cref="WalConfigException"/> if the root is missing, not writable or
    /// another's. On a node without the role of the options this adds a proxy, which uses no root.
    /// </remarks>
    /// <exception cref="WalConfigException">Options are missing, out of range or contradictory.</exception>
    public static AkkaConfigurationBuilder WithShardedWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        Action<ShardedWalOptions> configure,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ShardedWalOptions();
        configure(options);
        return builder.WithShardedWal<TKey>(name, options, adjust);
    }

    /// <summary>Adds a region that a section of the host's configuration describes.</summary>
    /// <typeparam name="TKey">The registry key of the shard region.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The region's name.</param>
    /// <param name="section">It may only have properties of <see cref="ShardedWalOptions"/>.</param>
    /// <param name="adjust">Changes settings of the logs for which there is no option; null changes none.</param>
    /// <exception cref="WalConfigException">Options are unknown, missing, out of range or contradictory.</exception>
    public static AkkaConfigurationBuilder WithShardedWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        IConfiguration section,
        Func<WalSettings, WalSettings>? adjust = null) =>
        builder.WithShardedWal<TKey>(name, OptionsOf(section), adjust);

    /// <summary>Adds a region of sharded logs to a node with storage.</summary>
    /// <typeparam name="TKey">The registry key of the shard region.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The region's name.</param>
    /// <param name="options">The options.</param>
    /// <param name="adjust">Changes settings of the logs for which there is no option; null changes none.</param>
    /// <exception cref="WalConfigException">Options are missing or contradictory.</exception>
    public static AkkaConfigurationBuilder WithShardedWal<TKey>(
        this AkkaConfigurationBuilder builder,
        string name,
        ShardedWalOptions options,
        Func<WalSettings, WalSettings>? adjust = null)
    {
        builder.Prepare(name, options, isProxy: false);
        builder.Describe(name, options.Log, adjust);
        return builder.StartActors(async (system, registry) =>
        {
            var cluster = Akka.Cluster.Cluster.Get(system);
            var settings = SettingsOf(system, name, options);
            if (options.Sharding.Role is { } role && !cluster.SelfRoles.Contains(role))
            {
                await StartProxy<TKey>(system, registry, name, options).ConfigureAwait(false);
                return;
            }
            var region = Open(system, cluster, name, options, settings);
            var sharding = ClusterSharding.Get(system);
            IShardAllocationStrategy strategy = region.Nodes is { } nodes
                ? new PinnedAllocation(cluster, nodes)
                : new AnsweringAllocation(sharding.DefaultShardAllocationStrategy(settings));
            var actor = await sharding.StartAsync(
                name, log => options.EntityProps(region, log), settings, region.Extractor, strategy, CloseLog.Instance)
                .ConfigureAwait(false);
            Register<TKey>(system, registry, actor, name, options, region.Metrics, region.Root);
        });
    }

    /// <summary>Adds a proxy of a region of sharded logs to a node without storage.</summary>
    /// <typeparam name="TKey">The registry key of the proxy.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The region's name.</param>
    /// <param name="configure">
    /// Sets the options: the same as on the nodes with the logs, but no <see cref="ShardedWalOptions.Root"/>.
    /// </param>
    /// <exception cref="WalConfigException">Options are missing, out of range or contradictory.</exception>
    public static AkkaConfigurationBuilder WithShardedWalProxy<TKey>(
        this AkkaConfigurationBuilder builder, string name, Action<ShardedWalOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ShardedWalOptions();
        configure(options);
        return builder.WithShardedWalProxy<TKey>(name, options);
    }

    /// <summary>Adds a proxy of a region that a section of the host's configuration describes.</summary>
    /// <typeparam name="TKey">The registry key of the proxy.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The region's name.</param>
    /// <param name="section">It may only have properties of <see cref="ShardedWalOptions"/>.</param>
    /// <exception cref="WalConfigException">Options are unknown, missing, out of range or contradictory.</exception>
    public static AkkaConfigurationBuilder WithShardedWalProxy<TKey>(
        this AkkaConfigurationBuilder builder, string name, IConfiguration section) =>
        builder.WithShardedWalProxy<TKey>(name, OptionsOf(section));

    /// <summary>Adds a proxy of a region of sharded logs to a node without storage.</summary>
    /// <typeparam name="TKey">The registry key of the proxy.</typeparam>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The region's name.</param>
    /// <param name="options">The options, without a <see cref="ShardedWalOptions.Root"/>.</param>
    /// <exception cref="WalConfigException">Options are missing or contradictory.</exception>
    public static AkkaConfigurationBuilder WithShardedWalProxy<TKey>(
        this AkkaConfigurationBuilder builder, string name, ShardedWalOptions options)
    {
        builder.Prepare(name, options, isProxy: true);
        return builder.StartActors((system, registry) =>
        {
            var role = options.Sharding.Role!;
            // All nodes with the role must keep a copy of the shards' state. A proxy keeps none, so the other nodes
            // would wait for it in vain.
            if (Akka.Cluster.Cluster.Get(system).SelfRoles.Contains(role))
                throw new WalConfigException($"a node with the role {role} has logs of {name}: use WithShardedWal");
            return StartProxy<TKey>(system, registry, name, options);
        });
    }

    /// <summary>
    /// Adds a <see cref="ShardedWalHealthCheck"/> of a region to the health checks of the actor system.
    /// </summary>
    /// <param name="builder">The builder of the actor system.</param>
    /// <param name="name">The name of the region and of the check.</param>
    /// <param name="unhealthyStatus">The status of a region that can't be reached; null for unhealthy.</param>
    /// <param name="tags">The tags of the check; null for <c>akka</c>, <c>wal</c> and <c>cluster</c>.</param>
    public static AkkaConfigurationBuilder WithShardedWalHealthCheck(
        this AkkaConfigurationBuilder builder,
        string name,
        HealthStatus? unhealthyStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHealthCheck(new AkkaHealthCheckRegistration(
            name, new ShardedWalHealthCheck(name), unhealthyStatus, tags ?? HealthTags));
    }

    /// <summary>
    /// Adds the logs of a region to the container: a keyed <see cref="ShardedWal"/> with the region's name as its key.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">The region's name.</param>
    public static IServiceCollection AddShardedWal(this IServiceCollection services, string name) =>
        services.AddKeyedSingleton(
            name, (provider, _) => ShardedWals.Get(provider.GetRequiredService<ActorSystem>())[name]);

    internal static ShardedWalOptions OptionsOf(IConfiguration section) =>
        WalHostingExtensions.Bind<ShardedWalOptions>(section, "sharded logs");

    private static void Prepare(
        this AkkaConfigurationBuilder builder, string name, ShardedWalOptions options, bool isProxy)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfContradictory(name, isProxy);
        builder.AddHocon(
            ShardedWals.ReferenceConfig.WithFallback(WalSettings.ReferenceConfig)
                .WithFallback(ShardLeases.HoconOf(name))
                .WithFallback(ClusterSharding.DefaultConfig())
                .WithFallback(DistributedData.DefaultConfig())
                .WithFallback(ClusterSingleton.DefaultConfig()),
            HoconAddMode.Append);
    }

    private static ClusterShardingSettings SettingsOf(ActorSystem system, string name, ShardedWalOptions options)
    {
        // Akka.NET 1.5's own default needs a journal. Akka.NET 1.6 has ddata as its default.
        var store = options.Sharding.StateStoreMode is null ? "state-store-mode = ddata" : "";
        var sharding = ConfigurationFactory.ParseString($"{store}\n{options.Sharding}")
            .WithFallback(system.Settings.Config.GetConfig("akka.cluster.sharding"));
        var coordinator = system.Settings.Config.GetConfig(sharding.GetString("coordinator-singleton"));
        if (sharding.GetString("use-lease", "") is { Length: > 0 } lease)
        {
            ShardLeases.Get(system).Guard(name, lease);
            sharding = ConfigurationFactory.ParseString($"use-lease = \"{ShardLeases.PathOf(name)}\"")
                .WithFallback(sharding);
        }
        return ClusterShardingSettings.Create(sharding, coordinator);
    }

    private static Region Open(
        ActorSystem system, Akka.Cluster.Cluster cluster, string name, ShardedWalOptions options,
        ClusterShardingSettings sharding)
    {
        if (system.Settings.Config.HasPath($"akka-wal.logs.\"{name}\".directory"))
            throw new WalConfigException(
                $"akka-wal.logs.{name} has a directory, and so is a log of its own: the region needs another name");
        var nodes = options.Nodes();
        var self = nodes is null ? "" : SelfRole(cluster, nodes, name);
        var owner = new List<string>
        {
            $"cluster {system.Name}",
            $"region {name}",
            $"shards {options.Shards.ToString(CultureInfo.InvariantCulture)}",
            nodes is null ? "shared storage" : $"local storage of {self} among {string.Join(", ", nodes.Roles)}",
        };
        var root = new ShardedRoot(WalFileSystem.Default, Path.GetFullPath(options.Root!), owner);
        root.Claim(options.InitializeRoot);
        var settings = Wal.Get(system).SettingsOf(name);
        var node = cluster.SelfUniqueAddress;
        if (nodes is null)
            settings = settings with { Options = settings.Options with { Owner = $"{node.Address} {node.Uid}" } };
        return new Region(name, new LogExtractor(options.Shards), root, new RegionMetrics(name))
        {
            Settings = settings,
            Files = WalFileSystem.Default,
            LockWait = options.LockWait,
            DrainPatience = Region.DrainPatienceOf(sharding.TuningParameters.HandOffTimeout),
            Leases = sharding.LeaseSettings is null ? null : ShardLeases.Get(system),
            Nodes = nodes,
            SelfRole = self,
        };
    }

    private static string SelfRole(Akka.Cluster.Cluster cluster, NodeMap nodes, string name)
    {
        var own = nodes.Roles.Where(cluster.SelfRoles.Contains).ToList();
        var wanted = string.Join(", ", nodes.Roles);
        return own switch
        {
            [var self] => self,
            [] => throw new WalConfigException(
                $"this node has no role of NodeRoles of {name}: one of {wanted}, or use WithShardedWalProxy"),
            _ => throw new WalConfigException(
                $"this node has more than one role of NodeRoles of {name}: {string.Join(", ", own)}"),
        };
    }

    private static async Task StartProxy<TKey>(
        ActorSystem system, IActorRegistry registry, string name, ShardedWalOptions options)
    {
        var actor = await ClusterSharding.Get(system)
            .StartProxyAsync(name, options.Sharding.Role!, new LogExtractor(options.Shards)).ConfigureAwait(false);
        Register<TKey>(system, registry, actor, name, options, new RegionMetrics(name), root: null);
    }

    private static void Register<TKey>(
        ActorSystem system, IActorRegistry registry, IActorRef region, string name, ShardedWalOptions options,
        RegionMetrics metrics, ShardedRoot? root)
    {
        ShardedWalMetrics.Add(metrics);
        system.RegisterOnTermination(() => ShardedWalMetrics.Remove(metrics));
        var wals = ShardedWals.Get(system);
        wals.Add(new ShardedWal(
            name, region, Akka.Cluster.Cluster.Get(system), new LogExtractor(options.Shards), options.Nodes(), metrics,
            new ShardedWal.ClientLimits(options.Timeout, options.TryTimeout, options.Log.MaxPayloadBytes),
            wals.Removals, root));
        registry.Register<TKey>(region);
    }
}
