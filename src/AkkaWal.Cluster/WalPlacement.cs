namespace AkkaWal.Cluster;

/// <summary>Where the directories of sharded logs are, and so which nodes a log may move to.</summary>
public enum WalPlacement
{
    /// <summary>
    /// All nodes with the region mount the same storage at their root. A shard, and so a log, may move to any of them.
    /// </summary>
    Shared,

    /// <summary>
    /// Each node has a disk of its own. A log stays on the node that its shard belongs to; while that node is away,
    /// its logs are unavailable. See <see cref="ShardedWalOptions.NodeRoles"/>.
    /// </summary>
    Local,
}
