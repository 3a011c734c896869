using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>
/// What is locked, and by whom: lock files with their directories, and single files. Used under the disk's lock.
/// </summary>
internal sealed class HeldLocks
{
    private readonly Dictionary<Node, object> _held = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many holders there are.</summary>
    public int Count => _held.Values.Distinct().Count(holder => holder is HeldLock);

    public bool IsHeld(DirectoryNode directory, string lockName) => _held.ContainsKey(directory)
        || (directory.Live.GetValueOrDefault(lockName) is { } file && _held.ContainsKey(file));

    /// <summary>Locks a node; false where another holder has it.</summary>
    public bool TryAdd(Node node, object holder) => _held.TryAdd(node, holder) || _held[node] == holder;

    /// <summary>Releases what a holder still has.</summary>
    public void Release(object holder)
    {
        foreach (var (node, by) in _held.ToList())
        {
            if (by == holder)
                _held.Remove(node);
        }
    }

    /// <summary>All locks are lost, and no holder is notified.</summary>
    public void Clear() => _held.Clear();
}

/// <summary>One lock that is held: of a lock file, and of the directory that it is in.</summary>
internal sealed class HeldLock : IWalLock
{
    private readonly SimulatedDisk _disk;
    private readonly string _path;
    private readonly DirectoryNode _directory;
    private readonly Node _file;

    public HeldLock(SimulatedDisk disk, string path, DirectoryNode directory, Node file)
    {
        (_disk, _path, _directory, _file) = (disk, path, directory, file);
        disk.Locks.TryAdd(file, this);
        if (HoldsDirectory)
            disk.Locks.TryAdd(directory, this);
    }

    public bool HoldsDirectory => !_disk.Broken.HasFlag(BrokenDisk.LocksFilesAlone);

    public string? WhyLost()
    {
        if (_disk.Broken.HasFlag(BrokenDisk.NeverTellsThatALockIsLost))
            return null;
        lock (_disk.Gate)
        {
            var parent = DiskTree.ParentOf(_path);
            if (_disk.Tree.From(null, () => _disk.Tree.FindDirectory(parent)) != _directory)
                return $"{parent} was moved, removed or replaced";
            return _directory.Live.GetValueOrDefault(Path.GetFileName(_path)) == _file
                ? null
                : $"{_path} was removed or replaced";
        }
    }

    public void Dispose()
    {
        lock (_disk.Gate)
            _disk.Locks.Release(this);
    }
}
