using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Coordination;

namespace AkkaWal.Cluster.Leases;

/// <summary>
/// The leases of the shards of an actor system. Sharding stops a shard that has lost its lease, but with a message,
/// which takes time. So its logs check the lease here before each write and each acknowledgement. For any number of
/// threads.
/// </summary>
internal sealed class ShardLeases : IExtension
{
    private readonly ConcurrentDictionary<string, ShardLease> _byName = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _innerByRegion = new(StringComparer.Ordinal);

    internal static ShardLeases Get(ActorSystem system) => system.WithExtension<ShardLeases, ShardLeasesProvider>();

    /// <summary>The configuration of a region's <see cref="GuardedLease"/>, for the system's configuration.</summary>
    internal static string HoconOf(string region) =>
        $"{PathOf(region)} {{ lease-class = \"{typeof(GuardedLease).AssemblyQualifiedName}\", region = \"{region}\" }}";

    /// <summary>The path of that configuration.</summary>
    internal static string PathOf(string region) => $"akka-wal-shard-lease.{region}";

    /// <summary>Notes which lease the user has chosen for a region.</summary>
    /// <param name="region">The region's name.</param>
    /// <param name="path">The path of that lease's configuration.</param>
    internal void Guard(string region, string path) => _innerByRegion[region] = path;

    /// <summary>The path of the configuration of the lease that the user has chosen for a region.</summary>
    internal string InnerPathOf(string region) => _innerByRegion[region];

    internal void Add(string name, ShardLease lease) => _byName[name] = lease;

    /// <summary>The lease of a shard, by the name that sharding gives the lease; null if it is not known.</summary>
    internal ShardLease? Find(string name) => _byName.GetValueOrDefault(name);
}

/// <summary>Creates the extension <see cref="ShardLeases"/>.</summary>
internal sealed class ShardLeasesProvider : ExtensionIdProvider<ShardLeases>
{
    public override ShardLeases CreateExtension(ExtendedActorSystem system) => new();
}

/// <summary>The lease of one shard, for its logs.</summary>
/// <param name="inner">The lease itself.</param>
internal sealed class ShardLease(Lease inner)
{
    private int _term;

    /// <summary>
    /// A number that rises with each loss. A log that was opened in an earlier term must not write in a later one.
    /// </summary>
    internal int Term => Volatile.Read(ref _term);

    internal void Lose() => Interlocked.Increment(ref _term);

    /// <summary>Why a log that was opened in a term may not write now; null if it may.</summary>
    internal string? WhyLost(int term) =>
        term == Term && inner.CheckLease() ? null : $"the lease {inner.Settings.LeaseName} of its shard is lost";
}
