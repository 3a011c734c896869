namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>
/// One change of the names in a directory that no sync of it has covered yet: <paramref name="Removed"/> goes where it
/// still stands for the node, <paramref name="Added"/> comes to stand for it; a rename is both at once, and so atomic.
/// </summary>
/// <param name="Sequence">Its place among all the changes of the disk.</param>
/// <param name="Node">What the names stand for.</param>
/// <param name="Removed">The name that goes.</param>
/// <param name="Added">The name that comes, in place of whatever has it.</param>
/// <param name="Requires">
/// In a move to another directory, the name added there: this removal never survives without it.
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

/// <summary>
/// A directory: the names on the disk, the names that everybody sees, and the changes between the two.
/// </summary>
internal sealed class DirectoryNode : Node
{
    private static ulong s_inodes;

    public Dictionary<string, Node> Durable { get; private set; } = [];

    public Dictionary<string, Node> Live { get; private set; } = [];

    public List<NameChange> Unsynced { get; private set; } = [];

    /// <summary>Its number in its file system, which it keeps through a move, a cut and the end of a process.</summary>
    public ulong Inode { get; private init; } = Interlocked.Increment(ref s_inodes);

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

    /// <summary>Makes one change durable though none around it is: the other half of a move that was synced.</summary>
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
