using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>One lock that is held: of a lock file, and of the directory that it is in.</summary>
internal sealed class HeldLock : IWalLock
{
    private readonly DiskState _disk;
    private readonly string _path;
    private readonly DirectoryNode _directory;
    private readonly Node _file;

    public HeldLock(DiskState disk, string path, DirectoryNode directory, Node file)
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
