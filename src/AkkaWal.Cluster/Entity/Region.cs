using Akka.Actor;
using AkkaWal.Cluster.Leases;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Placement;
using AkkaWal.Storage.Files;

namespace AkkaWal.Cluster.Entity;

/// <summary>What the logs of one region on this node have in common. Immutable, but for its metrics.</summary>
internal sealed record Region(string Name, LogExtractor Extractor, ShardedRoot Root, RegionMetrics Metrics)
{
    /// <summary>What each log is made with; its directory is set for each.</summary>
    internal required WalSettings Settings { get; init; }

    /// <summary>How long a log waits for the lock of its previous owner.</summary>
    internal required TimeSpan LockWait { get; init; }

    /// <summary>Which node has a shard; null where any may.</summary>
    internal NodeMap? Nodes { get; init; }

    /// <summary>The role of <see cref="Nodes"/> that this node has.</summary>
    internal string SelfRole { get; init; } = "";

    /// <summary>Where the leases of the shards are known; null where there are none.</summary>
    internal ShardLeases? Leases { get; init; }

    /// <summary>The file system that has the logs.</summary>
    internal required IWalFileSystem Files { get; init; }

    /// <summary>Whether a log has a directory.</summary>
    internal bool Exists(string log) => Root.Has(LogName.FolderOf(log));

    /// <summary>The file system for one opening of a log: what it locks is lost with the lease of its shard.</summary>
    /// <returns>Null where the lease of its shard is not known.</returns>
    internal IWalFileSystem? FilesOf(ActorSystem system, string log)
    {
        if (Leases is null) return Files;
        // As sharding calls it.
        var lease = Leases.Find($"{system.Name}-shard-{Name}-{Extractor.ShardId(log)}");
        if (lease is null) return null;
        var term = lease.Term;
        return new LeasedFiles(Files, () => lease.WhyLost(term));
    }

    /// <summary>Why a log may not be opened on this node now; null where it may.</summary>
    internal string? WhyNotHere(string log)
    {
        if (Nodes is { } nodes && nodes.RoleOf(Extractor.ShardOf(log)) is var role && role != SelfRole)
            return $"the log {log} is on the disk of {role}, and this node is {SelfRole}";
        return Root.WhyNotUsable();
    }
}
