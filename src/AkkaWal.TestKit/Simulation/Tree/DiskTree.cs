using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>An open directory through which calls are made, and the path by which it was opened.</summary>
internal sealed record DiskOrigin(string Path, DirectoryNode Node);

/// <summary>Resolves paths, from the root or from an open directory. Used under the disk's lock.</summary>
internal sealed class DiskTree(DirectoryNode root)
{
    private DiskOrigin? _origin;

    public DirectoryNode Root => root;

    /// <summary>Every directory that has a name on the disk or in the cache.</summary>
    public IEnumerable<DirectoryNode> Directories => Below(root);

    /// <summary>Every file that has a name in the cache.</summary>
    public IEnumerable<FileNode> LiveFiles =>
        Directories.SelectMany(directory => directory.Live.Values).OfType<FileNode>().Distinct();

    public long UsedBytes => LiveFiles.Sum(file => file.Live.AllocatedBytes);

    public static string ParentOf(string path) => path[..path.LastIndexOf('/')];

    public static WalIOException Failure(string operation, string path, string reason) =>
        new(operation, path, outOfSpace: false, reason);

    public static WalDirectoryEntry Entry(string name, Node node) => node switch
    {
        FileNode file => new WalDirectoryEntry(name, WalEntryKind.File, file.Live.LengthBytes),
        DirectoryNode => new WalDirectoryEntry(name, WalEntryKind.Directory, 0),
        _ => new WalDirectoryEntry(name, WalEntryKind.Other, 0),
    };

    /// <summary>Runs a call with paths resolved from an origin; null is the root.</summary>
    public T From<T>(DiskOrigin? origin, Func<T> ask)
    {
        var before = _origin;
        _origin = origin;
        try
        {
            return ask();
        }
        finally
        {
            _origin = before;
        }
    }

    public FileNode FileAt(string path) =>
        DirectoryOf(path, "open").Live.GetValueOrDefault(Path.GetFileName(path)) as FileNode
        ?? throw Missing("open", path);

    /// <summary>The directory that holds a path's last name.</summary>
    public DirectoryNode DirectoryOf(string path, string operation) =>
        FindDirectory(ParentOf(path)) ?? throw Missing(operation, path);

    public DirectoryNode Existing(string path, string operation) =>
        FindDirectory(path) ?? throw Missing(operation, path);

    public DirectoryNode? FindDirectory(ReadOnlySpan<char> path)
    {
        var at = OriginOf(path, out var below);
        foreach (var range in below.Split('/'))
        {
            if (below[range].IsEmpty)
                continue;
            if (!at.Live.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(below[range], out var node)
                || node is not DirectoryNode directory)
            {
                return null;
            }

            at = directory;
        }

        return at;
    }

    /// <summary>Makes a directory and its missing parents, on the disk at once.</summary>
    public void MakeDirectory(string path)
    {
        var at = OriginOf(path, out var below);
        foreach (var name in below.ToString().Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!at.Live.TryGetValue(name, out var node))
                at.Live[name] = at.Durable[name] = node = new DirectoryNode();
            at = node as DirectoryNode ?? throw Failure("mkdir", path, "Not a directory");
        }
    }

    /// <summary>Puts a node at a path, on the disk and in the cache. It replaces an entry of that name.</summary>
    public void Place(string path, Node node)
    {
        var (directory, name) = (DirectoryOf(path, "tamper"), Path.GetFileName(path));
        directory.Live[name] = directory.Durable[name] = node;
    }

    /// <summary>
    /// Syncs a directory's names. The journal holds both halves of a move, so a sync of either directory keeps the
    /// added name.
    /// </summary>
    public void SyncNames(DirectoryNode directory)
    {
        foreach (var needed in directory.Unsynced.Select(change => change.Requires).OfType<NameChange>().ToList())
            Directories.FirstOrDefault(other => other.Unsynced.Contains(needed))?.SyncOne(needed);
        directory.Sync();
    }

    private static IEnumerable<DirectoryNode> Below(DirectoryNode from) =>
        from.Live.Values.Concat(from.Durable.Values).OfType<DirectoryNode>().Distinct().SelectMany(Below).Prepend(from);

    private static WalIOException Missing(string operation, string path) =>
        Failure(operation, path, "No such file or directory");

    /// <summary>The directory that a path is resolved from, and the rest of the path.</summary>
    private DirectoryNode OriginOf(ReadOnlySpan<char> path, out ReadOnlySpan<char> below)
    {
        below = path;
        if (_origin is not { } origin)
            return root;
        var isItself = path.SequenceEqual(origin.Path);
        if (!isItself && !path.StartsWith(origin.Path + "/"))
            throw Failure("reach", path.ToString(), $"it lies outside of {origin.Path}");
        below = path[origin.Path.Length..];
        return origin.Node;
    }
}
