using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>An open directory. Its calls go to its node, even if the path names another directory by now.</summary>
internal sealed class SimulatedDirectory(
    DiskState disk, NameOperations names, string path, DirectoryNode node) : IWalDirectory
{
    private readonly DiskOrigin _origin = new(path, node);

    public string Path => path;

    public WalDirectoryIdentity Identity => new(node.Inode, 0);

    public bool IsPrivate => true;

    public bool IsMountPoint => false;

    public IWalFile Open(string path, FileAccessMode mode) =>
        Ask(() => names.Open(path, mode), OperationLog.CreationBy(mode), path);

    public WalDirectoryEntry? Stat(string path) => Ask(() => names.Stat(path));

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => Ask(() => names.List(directory));

    public void CreateDirectory(string path) =>
        Tell(() => names.CreateDirectory(path), DiskOperationKind.CreateDirectory, path);

    public void Rename(string path, string newPath) =>
        Tell(() => names.Rename(path, newPath), DiskOperationKind.Rename, newPath);

    public void Link(string path, string newPath) =>
        Tell(() => names.Link(path, newPath), DiskOperationKind.Link, newPath);

    public void Delete(string path) => Tell(() => names.Delete(path), DiskOperationKind.Delete, path);

    public void DeleteDirectory(string path) =>
        Tell(() => names.DeleteDirectory(path), DiskOperationKind.DeleteDirectory, path);

    public void MakeReadOnly(string path) => Tell(() => names.MakeReadOnly(path), DiskOperationKind.MakeReadOnly, path);

    public void SyncDirectory(string path) =>
        Tell(() => names.SyncDirectory(path), DiskOperationKind.SyncDirectory, path);

    public IWalLock Lock(string path) => Ask(() => names.Lock(path), DiskOperationKind.Lock, path);

    public bool IsLocked(string path) => Ask(() => names.IsLocked(path));

    public IWalDirectory OpenDirectory(string path) => Ask(() => names.OpenDirectory(path));

    public void SyncNames()
    {
        var above = path;
        do
        {
            above = DiskTree.ParentOf(above);
            names.SyncDirectory(above.Length == 0 ? "/" : above);
        }
        while (above.Length > 0);
    }

    public void Dispose()
    {
    }

    private void Tell(Action tell, DiskOperationKind kind, string path) => Ask(
        () =>
        {
            tell();
            return true;
        },
        kind,
        path);

    // If a test holds the operation back, it waits before it takes the lock, since other operations need the lock.
    private T Ask<T>(Func<T> ask, DiskOperationKind? kind = null, string path = "")
    {
        if (kind is { } changes)
            disk.Await(changes, path);
        lock (disk.Gate)
            return disk.Tree.From(disk.Broken.HasFlag(BrokenDisk.ResolvesPathsAnew) ? null : _origin, ask);
    }
}
