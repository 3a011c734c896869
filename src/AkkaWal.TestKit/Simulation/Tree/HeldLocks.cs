using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>The lock files that are held, and their directories. Used under the disk's lock.</summary>
internal sealed class HeldLocks
{
    private readonly HashSet<Node> _held = new(ReferenceEqualityComparer.Instance);

    public int Count { get; private set; }

    public bool IsHeld(DirectoryNode directory, string lockName) => _held.Contains(directory)
        || (directory.Live.GetValueOrDefault(lockName) is { } file && _held.Contains(file));

    public void Add(Node file, DirectoryNode? directory)
    {
        if (directory is not null)
            _held.Add(directory);
        _held.Add(file);
        Count++;
    }

    public void Remove(Node file, DirectoryNode directory)
    {
        if (!_held.Remove(file))
            return;
        _held.Remove(directory);
        Count--;
    }
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
        disk.Locks.Add(file, HoldsDirectory ? directory : null);
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
            _disk.Locks.Remove(_file, _directory);
    }
}
