using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Coordination;

namespace AkkaWal.Cluster.Leases;

/// <summary>
/// The leases of an actor system's shards: which of them this node holds. Sharding stops a shard whose lease is lost;
/// its logs look here before each write and each acknowledgement, since a message takes its time. For any number of
/// threads.
/// </summary>
internal sealed class ShardLeases : IExtension
{
    private readonly ConcurrentDictionary<string, ShardLease> _byName = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _innerByRegion = new(StringComparer.Ordinal);

    internal static ShardLeases Get(ActorSystem system) => system.WithExtension<ShardLeases, ShardLeasesProvider>();

    /// <summary>The configuration of a region's guarded lease, to be added to that of the system.</summary>
    internal static string HoconOf(string region) =>
        $"{PathOf(region)} {{ lease-class = \"{typeof(GuardedLease).AssemblyQualifiedName}\", region = \"{region}\" }}";

    /// <summary>Where that is.</summary>
    internal static string PathOf(string region) => $"akka-wal-shard-lease.{region}";

    /// <summary>Guards a region's leases.</summary>
    /// <param name="region">The region's name.</param>
    /// <param name="path">Where the configuration of the lease is that the user has chosen.</param>
    internal void Guard(string region, string path) => _innerByRegion[region] = path;

    /// <summary>Where the lease's configuration is that a region's guarded lease passes on to.</summary>
    internal string InnerPathOf(string region) => _innerByRegion[region];

    internal void Add(string name, ShardLease lease) => _byName[name] = lease;

    /// <summary>The lease of a shard, by the name that sharding gives it.</summary>
    internal ShardLease? Find(string name) => _byName.GetValueOrDefault(name);
}

/// <summary>Makes the extension <see cref="ShardLeases"/>.</summary>
internal sealed class ShardLeasesProvider : ExtensionIdProvider<ShardLeases>
{
    public override ShardLeases CreateExtension(ExtendedActorSystem system) => new();
}

/// <summary>One shard's lease, as its logs see it.</summary>
/// <param name="inner">The lease itself.</param>
internal sealed class ShardLease(Lease inner)
{
    private int _term;

    /// <summary>Changes with each loss: what was opened in an earlier term does not write in a later one.</summary>
    internal int Term => Volatile.Read(ref _term);

    internal void Lose() => Interlocked.Increment(ref _term);

    /// <summary>Why what was opened in a term may not write now; null where it may.</summary>
    internal string? WhyLost(int term) =>
        term == Term && inner.CheckLease() ? null : $"the lease {inner.Settings.LeaseName} of its shard is lost";
}
