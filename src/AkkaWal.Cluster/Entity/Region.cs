using Akka.Actor;
using AkkaWal.Cluster.Leases;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Placement;
using AkkaWal.Storage.Files;

namespace AkkaWal.Cluster.Entity;

/// <summary>What the logs of one region on this node have in common. Immutable, except its metrics.</summary>
internal sealed record Region(string Name, LogExtractor Extractor, ShardedRoot Root, RegionMetrics Metrics)
{
    private static readonly TimeSpan KilledBeforeEnd = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ShortestDrain = TimeSpan.FromMilliseconds(500);

    /// <summary>The settings of each log, except its directory.</summary>
    internal required WalSettings Settings { get; init; }

    /// <summary>How long a log waits for the lock of its previous owner.</summary>
    internal required TimeSpan LockWait { get; init; }

    /// <summary>
    /// How long a log that is being closed may take to answer the requests that it has: see
    /// <see cref="DrainPatienceOf"/>.
    /// </summary>
    internal required TimeSpan DrainPatience { get; init; }

    /// <summary>The node of each shard; null if any node may have it.</summary>
    internal NodeMap? Nodes { get; init; }

    /// <summary>The role of <see cref="Nodes"/> that this node has.</summary>
    internal string SelfRole { get; init; } = "";

    /// <summary>The leases of the shards; null if the user has chosen none.</summary>
    internal ShardLeases? Leases { get; init; }

    /// <summary>The file system with the logs.</summary>
    internal required IWalFileSystem Files { get; init; }

    /// <summary>
    /// <see cref="DrainPatience"/> for a <c>handoff-timeout</c>. Sharding kills the entities that are left 5 s before
    /// that ends. A log needs some of the time before to close its files.
    /// </summary>
    internal static TimeSpan DrainPatienceOf(TimeSpan handOffTimeout)
    {
        var patience = handOffTimeout - KilledBeforeEnd - ClosingTime;
        return patience > ShortestDrain ? patience : ShortestDrain;
    }

    /// <summary>Whether a log has a directory.</summary>
    internal bool Exists(string log) => Root.Has(LogName.FolderOf(log));

    /// <summary>
    /// The file system for one opening of a log. Its locks are lost when the lease of the log's shard is lost.
    /// </summary>
    /// <returns>Null if the lease of the shard is not known.</returns>
    internal IWalFileSystem? FilesOf(ActorSystem system, string log)
    {
        if (Leases is null) return Files;
        // The name that sharding gives the lease.
        var lease = Leases.Find($"{system.Name}-shard-{Name}-{Extractor.ShardId(log)}");
        if (lease is null) return null;
        var term = lease.Term;
        return new LeasedFiles(Files, () => lease.WhyLost(term));
    }

    /// <summary>Why a log may not be opened on this node now; null if it may.</summary>
    internal string? WhyNotHere(string log)
    {
        if (Nodes is { } nodes && nodes.RoleOf(Extractor.ShardOf(log)) is var role && role != SelfRole)
            return $"the log {log} is on the disk of {role}, and this node is {SelfRole}";
        return Root.WhyNotUsable();
    }
}
