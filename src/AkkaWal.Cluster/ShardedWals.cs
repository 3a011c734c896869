using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using AkkaWal.Cluster.Client;
using AkkaWal.Configuration;

namespace AkkaWal.Cluster;

/// <summary>The regions of sharded logs of an actor system, by name. For any number of threads.</summary>
public sealed class ShardedWals : IExtension
{
    private readonly ConcurrentDictionary<string, ShardedWal> _byName = new(StringComparer.Ordinal);
    private readonly Lazy<NodeRemovals> _removals;

    internal ShardedWals(ExtendedActorSystem system)
    {
        // A system without regions need not be a node of a cluster.
        _removals = new Lazy<NodeRemovals>(() => NodeRemovals.Of(system));
        Wal.Get(system);
        if (!ConfigKeys.HoldsAll(system.Settings.Config, ReferenceConfig))
            system.Settings.InjectTopLevelFallback(ReferenceConfig);
        var undelivered = system.SystemActorOf(
            Props.Create(() => new UndeliveredShardedRequests(FindByActor)).WithDeploy(Deploy.Local),
            "akka-wal-sharded-undelivered");
        system.EventStream.Subscribe(undelivered, typeof(DeadLetter));
        system.EventStream.Subscribe(undelivered, typeof(Dropped));
    }

    /// <summary>The bindings of the serializer of requests. <c>WithShardedWal</c> adds them.</summary>
    public static Config ReferenceConfig { get; } =
        ConfigurationFactory.FromResource<ShardedWals>("AkkaWal.Cluster.reference.conf");

    /// <summary>
    /// Settings of Akka.Cluster for a fail-over of 8 to 10 seconds after a node was killed; hocon/failover.conf gives
    /// the reason for each. They have an effect only where they are added:
    /// <c>akka.AddHocon(ShardedWals.FailoverConfig, HoconAddMode.Prepend)</c>.
    /// </summary>
    public static Config FailoverConfig { get; } =
        ConfigurationFactory.FromResource<ShardedWals>("AkkaWal.Cluster.failover.conf");

    /// <summary>The extension of an actor system. The first call creates it.</summary>
    public static ShardedWals Get(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<ShardedWals, ShardedWalsProvider>();
    }

    /// <summary>The logs of a region or proxy that was started on this node.</summary>
    /// <exception cref="WalConfigException">No region has this name; the message suggests a similar one.</exception>
    public ShardedWal this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            if (_byName.TryGetValue(name, out var region)) return region;
            var near = NearNames.Find(name, _byName.Keys);
            var hint = near is null ? "" : $": perhaps '{near}'?";
            throw new WalConfigException($"no region of sharded logs is called '{name}' on this node{hint}");
        }
    }

    /// <summary>Tells the clients of all regions that a node was removed.</summary>
    internal NodeRemovals Removals => _removals.Value;

    internal void Add(ShardedWal region) => _byName[region.Name] = region;

    // The logs of the region to which an actor belongs; null if it belongs to no region.
    private ShardedWal? FindByActor(IActorRef? actor)
    {
        if (actor?.Path.Elements is not ["system", "sharding", var region, ..]) return null;
        return _byName.Values.FirstOrDefault(logs => logs.Region.Path.Name == region);
    }
}

/// <summary>Creates the extension <see cref="ShardedWals"/>.</summary>
public sealed class ShardedWalsProvider : ExtensionIdProvider<ShardedWals>
{
    /// <inheritdoc/>
    public override ShardedWals CreateExtension(ExtendedActorSystem system) => new(system);
}
