namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>Copies nodes: for another disk, which shares nothing with the first, or for another directory.</summary>
internal sealed class DiskFork
{
    private readonly Dictionary<Node, Node> _copies = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NameChange, NameChange> _changes = new(ReferenceEqualityComparer.Instance);

    private DiskFork()
    {
    }

    /// <summary>Copies the nodes for another disk. A node with several names is copied once.</summary>
    public static DirectoryNode Of(DirectoryNode root) => (DirectoryNode)new DiskFork().Copy(root);

    /// <summary>
    /// A copy of a directory as the cache shows it, all of it synced. Its nodes are new and have new inode numbers.
    /// With <paramref name="keepsInode"/> the directory itself has the number of its origin.
    /// </summary>
    public static DirectoryNode CopyOf(DirectoryNode directory, bool keepsInode = false)
    {
        var copy = keepsInode ? directory.Fork([], [], []) : new DirectoryNode();
        foreach (var (name, node) in directory.Live)
        {
            copy.Live[name] = copy.Durable[name] = node switch
            {
                DirectoryNode below => CopyOf(below),
                FileNode file => FileNode.Restored(file.Live.Freeze().Thaw(), file.IsReadOnly),
                _ => node,
            };
        }

        return copy;
    }

    private Node Copy(Node node)
    {
        if (_copies.TryGetValue(node, out var copy))
            return copy;
        copy = node switch
        {
            FileNode file => file.Fork(),
            DirectoryNode directory => directory.Fork(
                Copy(directory.Durable), Copy(directory.Live), directory.Unsynced.ConvertAll(Copy)),
            _ => node,
        };
        return _copies[node] = copy;
    }

    private Dictionary<string, Node> Copy(Dictionary<string, Node> names)
    {
        var copy = new Dictionary<string, Node>(names.Count);
        foreach (var (name, node) in names)
            copy[name] = Copy(node);
        return copy;
    }

    private NameChange Copy(NameChange change)
    {
        if (_changes.TryGetValue(change, out var copy))
            return copy;
        copy = change with
        {
            Node = Copy(change.Node), Requires = change.Requires is null ? null : Copy(change.Requires),
        };
        return _changes[change] = copy;
    }
}
