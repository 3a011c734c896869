using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>
/// The operations on names: of files, directories and locks. Paths start at the disk's root, or at the directory that
/// <see cref="DiskTree.From"/> has set.
/// </summary>
internal sealed class NameOperations(DiskState disk) : IWalFileSystem
{
    public IWalFile Open(string path, FileAccessMode mode)
    {
        if (OperationLog.CreationBy(mode) is { } creation) disk.Await(creation, path);
        lock (disk.Gate)
        {
            var directory = disk.Tree.DirectoryOf(path, "open");
            var name = Path.GetFileName(path);
            var node = directory.Live.GetValueOrDefault(name);
            if (node is not null and not FileNode) throw DiskTree.Failure("open", path, "is no plain file");
            if (node is not null && mode == FileAccessMode.CreateNew)
                throw DiskTree.Failure("open", path, "File exists");
            if (node is null && mode is FileAccessMode.Read or FileAccessMode.ReadMapped or FileAccessMode.ReadWrite)
                throw DiskTree.Failure("open", path, "No such file or directory");
            var isWritable = mode is not (FileAccessMode.Read or FileAccessMode.ReadMapped);
            if (isWritable && node is FileNode { IsReadOnly: true })
                throw new WalIOException("open", path, WalIOCause.NotPermitted, "Permission denied");
            if (node is null)
            {
                node = new FileNode();
                disk.Log.Carry(DiskOperationKind.Create, path, () => directory.Change(NameAdded(node, name)));
            }
            else if (mode == FileAccessMode.CreateOrTruncate)
            {
                disk.Log.Carry(DiskOperationKind.Truncate, path, () =>
                    ((FileNode)node).Change(new LengthChange(disk.Log.NextSequence(), 0)));
            }

            return new SimulatedFile(disk, path, (FileNode)node, isWritable);
        }
    }

    public WalDirectoryEntry? Stat(string path)
    {
        lock (disk.Gate)
        {
            if (path.AsSpan().Trim('/').IsEmpty) return new WalDirectoryEntry("/", WalEntryKind.Directory, 0);
            var name = Path.GetFileName(path);
            return disk.Tree.FindDirectory(DiskTree.ParentOf(path))?.Live.TryGetValue(name, out var node) == true
                ? DiskTree.Entry(name, node)
                : null;
        }
    }

    public IReadOnlyList<WalDirectoryEntry> List(string directory)
    {
        lock (disk.Gate)
        {
            return
            [
                .. disk.Tree.Existing(directory, "list").Live
                    .Select(pair => DiskTree.Entry(pair.Key, pair.Value) with { LengthBytes = 0 }),
            ];
        }
    }

    public void CreateDirectory(string path)
    {
        disk.Await(DiskOperationKind.CreateDirectory, path);
        lock (disk.Gate)
        {
            if (disk.Tree.FindDirectory(path) is null)
                disk.Log.Carry(DiskOperationKind.CreateDirectory, path, () => disk.Tree.MakeDirectory(path));
        }
    }

    public void Rename(string path, string newPath)
    {
        disk.Await(DiskOperationKind.Rename, newPath);
        lock (disk.Gate)
        {
            var source = disk.Tree.DirectoryOf(path, "rename");
            var target = disk.Tree.DirectoryOf(newPath, "rename");
            var (name, newName) = (Path.GetFileName(path), Path.GetFileName(newPath));
            var node = source.Live.GetValueOrDefault(name)
                ?? throw DiskTree.Failure("rename", path, "No such file or directory");
            // A directory may replace an empty directory. A file may not replace a directory.
            var replaced = target.Live.GetValueOrDefault(newName);
            var isInTheWay = node is DirectoryNode
                ? replaced is not (null or DirectoryNode { Live.Count: 0 })
                : replaced is DirectoryNode;
            if (isInTheWay) throw DiskTree.Failure("rename", path, "Is a directory, or not empty");
            disk.Log.Carry(DiskOperationKind.Rename, $"{path} -> {newName}", () =>
            {
                if (source == target)
                {
                    source.Change(new NameChange(disk.Log.NextSequence(), node, name, newName));
                    return;
                }

                var added = NameAdded(node, newName);
                target.Change(added);
                source.Change(new NameChange(disk.Log.NextSequence(), node, name, null, Requires: added));
            });
        }
    }

    public void Link(string path, string newPath)
    {
        disk.Await(DiskOperationKind.Link, newPath);
        lock (disk.Gate)
        {
            var (file, target) = (disk.Tree.FileAt(path), disk.Tree.DirectoryOf(newPath, "link"));
            var newName = Path.GetFileName(newPath);
            if (target.Live.ContainsKey(newName)) throw DiskTree.Failure("link", newPath, "File exists");
            disk.Log.Carry(DiskOperationKind.Link, newPath, () => target.Change(NameAdded(file, newName)));
        }
    }

    public void Delete(string path) => Remove(path, DiskOperationKind.Delete, node => node is not DirectoryNode);

    public void DeleteDirectory(string path) =>
        Remove(path, DiskOperationKind.DeleteDirectory, node => node is DirectoryNode { Live.Count: 0 });

    public void MakeReadOnly(string path)
    {
        disk.Await(DiskOperationKind.MakeReadOnly, path);
        lock (disk.Gate)
        {
            var file = disk.Tree.FileAt(path);
            disk.Log.Carry(DiskOperationKind.MakeReadOnly, path, () =>
                file.Change(new ReadOnlyChange(disk.Log.NextSequence())));
        }
    }

    public void SyncDirectory(string path)
    {
        disk.Await(DiskOperationKind.SyncDirectory, path);
        lock (disk.Gate)
        {
            var directory = disk.Tree.Existing(path, "sync");
            disk.Log.Carry(DiskOperationKind.SyncDirectory, path, () => disk.Tree.SyncNames(directory), applied =>
                directory.SyncFirst((int)(directory.Unsynced.Count * applied)));
        }
    }

    public IWalLock Lock(string path)
    {
        disk.Await(DiskOperationKind.Lock, path);
        lock (disk.Gate)
        {
            var (directory, name) = (disk.Tree.DirectoryOf(path, "lock"), Path.GetFileName(path));
            if (disk.Locks.IsHeld(directory, name))
                throw new WalLockedException(DiskTree.ParentOf(path), "somebody in this simulation");
            disk.Log.Carry(DiskOperationKind.Lock, path, () =>
            {
                if (!directory.Live.ContainsKey(name))
                    directory.Change(NameAdded(new FileNode(), name));
            });
            return new HeldLock(disk, path, directory, directory.Live[name]);
        }
    }

    public bool IsLocked(string path)
    {
        lock (disk.Gate)
        {
            return disk.Tree.FindDirectory(DiskTree.ParentOf(path)) is { } directory
                && disk.Locks.IsHeld(directory, Path.GetFileName(path));
        }
    }

    public IWalDirectory OpenDirectory(string path)
    {
        lock (disk.Gate) return new SimulatedDirectory(disk, this, path, disk.Tree.Existing(path, "open"));
    }

    private NameChange NameAdded(Node node, string name) => new(disk.Log.NextSequence(), node, null, name);

    private void Remove(string path, DiskOperationKind kind, Predicate<Node> isRemovable)
    {
        disk.Await(kind, path);
        lock (disk.Gate)
        {
            var (directory, name) = (disk.Tree.DirectoryOf(path, "delete"), Path.GetFileName(path));
            var node = directory.Live.GetValueOrDefault(name)
                ?? throw DiskTree.Failure("delete", path, "No such file or directory");
            if (!isRemovable(node))
                throw DiskTree.Failure(
                    "delete", path, node is DirectoryNode ? "Directory not empty" : "Is a directory");
            disk.Log.Carry(kind, path, () =>
                directory.Change(new NameChange(disk.Log.NextSequence(), node, name, null)));
        }
    }
}
