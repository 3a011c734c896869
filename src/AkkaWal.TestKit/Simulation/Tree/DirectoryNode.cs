namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>
/// One change of the names in a directory that no sync of it has covered. <paramref name="Removed"/> is removed if it
/// still names the node, and <paramref name="Added"/> then names the node. A rename does both at once and is atomic.
/// </summary>
/// <param name="Sequence">Its number among all changes of the disk.</param>
/// <param name="Node">The node that the names refer to.</param>
/// <param name="Removed">The name that is removed.</param>
/// <param name="Added">The name that is added. It replaces an entry of that name.</param>
/// <param name="Requires">
/// For a move to another directory: the name that is added there. This removal never survives without it.
/// </param>
internal sealed record NameChange(long Sequence, Node Node, string? Removed, string? Added, NameChange? Requires = null)
{
    public void Apply(Dictionary<string, Node> names)
    {
        if (Removed is not null && names.TryGetValue(Removed, out var node) && node == Node)
            names.Remove(Removed);
        if (Added is not null)
            names[Added] = Node;
    }
}

/// <summary>A directory: the names on the disk, the names in the cache, and the changes between the two.</summary>
internal sealed class DirectoryNode : Node
{
    private static ulong _inodes;

    public Dictionary<string, Node> Durable { get; private set; } = [];

    public Dictionary<string, Node> Live { get; private set; } = [];

    public List<NameChange> Unsynced { get; private set; } = [];

    /// <summary>Its number in the file system. A move, a power cut and the end of a process keep it.</summary>
    public ulong Inode { get; private init; } = Interlocked.Increment(ref _inodes);

    /// <summary>The same directory for another disk.</summary>
    public DirectoryNode Fork(
        Dictionary<string, Node> durable, Dictionary<string, Node> live, List<NameChange> unsynced) =>
        new() { Inode = Inode, Durable = durable, Live = live, Unsynced = unsynced };

    public void Change(NameChange change)
    {
        change.Apply(Live);
        Unsynced.Add(change);
    }

    public void Sync()
    {
        foreach (var change in Unsynced)
            change.Apply(Durable);
        Unsynced.Clear();
    }

    /// <summary>Makes one change durable but not the others: the second half of a move that was synced.</summary>
    public void SyncOne(NameChange change)
    {
        if (Unsynced.Remove(change))
            change.Apply(Durable);
    }

    /// <summary>A failed sync: the first changes reach the disk.</summary>
    public void SyncFirst(int count)
    {
        foreach (var change in Unsynced.Take(count))
            change.Apply(Durable);
        Unsynced.RemoveRange(0, count);
    }
}
