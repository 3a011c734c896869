namespace AkkaWal.Cluster;

/// <summary>Where the directories of sharded logs are. It decides to which nodes a log may move.</summary>
public enum WalPlacement
{
    /// <summary>
    /// All nodes with logs mount the same storage at their root. A log may move to any of them.
    /// </summary>
    Shared,

    /// <summary>
    /// Each node has a disk of its own. A log stays on the node to which its shard belongs. While that node is away,
    /// its logs are unavailable. See <see cref="ShardedWalOptions.NodeRoles"/>.
    /// </summary>
    Local,
}
