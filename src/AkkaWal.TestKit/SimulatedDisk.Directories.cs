using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit;

/// <summary>What a file system could get wrong about directories and locks.</summary>
[Flags]
internal enum BrokenDisk
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Whoever asks for a lock that was lost is told that all is well.</summary>
    NeverTellsThatALockIsLost = 1,

    /// <summary>A lock is on the lock file alone: whoever removes that lets a second owner in.</summary>
    LocksFilesAlone = 2,

    /// <summary>What is asked of an open directory is done in the one that its path leads to by now.</summary>
    ResolvesPathsAnew = 4,

    /// <summary>A copy of a directory can't be told from its origin.</summary>
    CopiesBearTheSameNumber = 8,
}

/// <content>Directories that are held open, those that are locked, and what becomes of them behind their holder's
/// back.</content>
public sealed partial class SimulatedDisk
{
    private int _heldCount;

    // The directory through which an operation is asked for; its paths are resolved from there.
    private SimulatedDirectory? _asked;

    /// <summary>A promise that this disk does not keep: for specs that prove that others would notice.</summary>
    internal BrokenDisk Broken { get; set; }

    /// <summary>Directories that are held now, with their lock files.</summary>
    internal int HeldLockCount => _heldCount;

    /// <summary>Somebody gives a directory another name; what had that name must have gone before.</summary>
    internal void MoveDirectory(string path, string newPath)
    {
        lock (_gate)
        {
            var (from, to) = (DirectoryOf(path, "rename"), DirectoryOf(newPath, "rename"));
            var node = Existing(path, "rename");
            foreach (var names in new[] { (from.Live, to.Live), (from.Durable, to.Durable) })
            {
                names.Item1.Remove(Path.GetFileName(path));
                names.Item2.Add(Path.GetFileName(newPath), node);
            }
        }
    }

    /// <summary>
    /// Somebody copies a directory, as the cache shows it, to where there is none; the copy is on the disk.
    /// </summary>
    internal void CopyDirectory(string path, string newPath)
    {
        lock (_gate)
        {
            var to = DirectoryOf(newPath, "copy");
            var from = Existing(path, "copy");
            var copy = Copy(from, Broken.HasFlag(BrokenDisk.CopiesBearTheSameNumber) ? from.Inode : null);
            to.Live.Add(Path.GetFileName(newPath), copy);
            to.Durable.Add(Path.GetFileName(newPath), copy);
        }
    }

    private bool IsHeld(DirectoryNode directory, string lockName) => _held.Contains(directory)
        || (directory.Live.GetValueOrDefault(lockName) is { } file && _held.Contains(file));

    private static DirectoryNode Copy(DirectoryNode directory, ulong? inode = null)
    {
        var copy = inode is null ? new DirectoryNode() : directory.Fork([], [], []);
        foreach (var (name, node) in directory.Live)
        {
            copy.Live[name] = copy.Durable[name] = node switch
            {
                DirectoryNode below => Copy(below),
                FileNode file => FileNode.Restored(file.Live.Freeze().Thaw(), file.IsReadOnly),
                _ => node,
            };
        }

        return copy;
    }

    /// <summary>The directory that a path is resolved from, and what of it is left to be resolved.</summary>
    private DirectoryNode OriginOf(ReadOnlySpan<char> path, out ReadOnlySpan<char> below)
    {
        below = path;
        if (_asked is not { } asked)
            return _root;
        var isItself = path.SequenceEqual(asked.Path);
        if (!isItself && !path.StartsWith(asked.Path + "/"))
            throw Failure("reach", path.ToString(), $"it lies outside of {asked.Path}");
        below = path[asked.Path.Length..];
        return asked.Node;
    }

    // Whoever is told of an operation sees the disk as everybody does.
    private DiskFault? FaultOf(DiskOperation operation) => Outside(() => Faults?.Invoke(operation));

    private void TellAfter(DiskOperation operation) => Outside(() =>
    {
        AfterOperation?.Invoke(operation);
        return true;
    });

    private T Outside<T>(Func<T> ask) => Through(null, ask);

    private T Through<T>(SimulatedDirectory? directory, Func<T> ask)
    {
        lock (_gate)
        {
            var before = _asked;
            _asked = Broken.HasFlag(BrokenDisk.ResolvesPathsAnew) ? null : directory;
            try
            {
                return ask();
            }
            finally
            {
                _asked = before;
            }
        }
    }

    private sealed class HeldLock : IWalLock
    {
        private readonly SimulatedDisk _disk;
        private readonly string _path;
        private readonly DirectoryNode _directory;
        private readonly Node _file;

        public HeldLock(SimulatedDisk disk, string path, DirectoryNode directory, Node file)
        {
            (_disk, _path, _directory, _file) = (disk, path, directory, file);
            if (HoldsDirectory)
                disk._held.Add(directory);
            disk._held.Add(file);
            disk._heldCount++;
        }

        public bool HoldsDirectory => !_disk.Broken.HasFlag(BrokenDisk.LocksFilesAlone);

        public string? WhyLost() => _disk.Outside(() =>
            _disk.Broken.HasFlag(BrokenDisk.NeverTellsThatALockIsLost) ? null
            : _disk.FindDirectory(ParentOf(_path)) != _directory ? $"{ParentOf(_path)} was moved, removed or replaced"
            : _directory.Live.GetValueOrDefault(Path.GetFileName(_path)) != _file ? $"{_path} was removed or replaced"
            : null);

        public void Dispose()
        {
            lock (_disk._gate)
            {
                if (!_disk._held.Remove(_file))
                    return;
                _disk._held.Remove(_directory);
                _disk._heldCount--;
            }
        }
    }

    /// <summary>A directory that was opened: its node, whatever its path leads to by now.</summary>
    private sealed class SimulatedDirectory(SimulatedDisk disk, string path, DirectoryNode node) : IWalDirectory
    {
        public DirectoryNode Node => node;

        public string Path => path;

        public WalDirectoryIdentity Identity => new(node.Inode, 0);

        public bool IsPrivate => true;

        public bool IsMountPoint => false;

        public IWalFile Open(string path, FileAccessMode mode) => disk.Through(this, () => disk.Open(path, mode));

        public WalDirectoryEntry? Stat(string path) => disk.Through(this, () => disk.Stat(path));

        public IReadOnlyList<WalDirectoryEntry> List(string directory) =>
            disk.Through(this, () => disk.List(directory));

        public void CreateDirectory(string path) => Tell(() => disk.CreateDirectory(path));

        public void Rename(string path, string newPath) => Tell(() => disk.Rename(path, newPath));

        public void Delete(string path) => Tell(() => disk.Delete(path));

        public void DeleteDirectory(string path) => Tell(() => disk.DeleteDirectory(path));

        public void MakeReadOnly(string path) => Tell(() => disk.MakeReadOnly(path));

        public void SyncDirectory(string path) => Tell(() => disk.SyncDirectory(path));

        public IWalLock Lock(string path) => disk.Through(this, () => disk.Lock(path));

        public bool IsLocked(string path) => disk.Through(this, () => disk.IsLocked(path));

        public IWalDirectory OpenDirectory(string path) => disk.Through(this, () => disk.OpenDirectory(path));

        public void SyncNames()
        {
            var above = path;
            do
            {
                above = ParentOf(above);
                disk.SyncDirectory(above.Length == 0 ? "/" : above);
            }
            while (above.Length > 0);
        }

        public void Dispose()
        {
        }

        private void Tell(Action tell) => disk.Through(this, () =>
        {
            tell();
            return true;
        });
    }
}
