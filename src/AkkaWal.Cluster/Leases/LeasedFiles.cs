using AkkaWal.Storage.Files;

namespace AkkaWal.Cluster.Leases;

/// <summary>A file system whose locks are lost when the shard's lease is lost.</summary>
/// <param name="files">The file system itself.</param>
/// <param name="whyLost">Why the lease is lost; null if it is held. For any thread.</param>
internal sealed class LeasedFiles(IWalFileSystem files, Func<string?> whyLost) : IWalFileSystem
{
    public IWalFile Open(string path, FileAccessMode mode) => files.Open(path, mode);

    public WalDirectoryEntry? Stat(string path) => files.Stat(path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => files.List(directory);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public void Rename(string path, string newPath) => files.Rename(path, newPath);

    public void Link(string path, string newPath) => files.Link(path, newPath);

    public void Delete(string path) => files.Delete(path);

    public void DeleteDirectory(string path) => files.DeleteDirectory(path);

    public void MakeReadOnly(string path) => files.MakeReadOnly(path);

    public void SyncDirectory(string path) => files.SyncDirectory(path);

    public IWalLock Lock(string path) => new LeasedLock(files.Lock(path), whyLost);

    public bool IsLocked(string path) => files.IsLocked(path);

    public IWalDirectory OpenDirectory(string path)
    {
        var directory = files.OpenDirectory(path);
        return new DirectoryOver(new LeasedFiles(directory, whyLost), directory);
    }

    private sealed class LeasedLock(IWalLock held, Func<string?> whyLost) : IWalLock
    {
        public bool HoldsDirectory => held.HoldsDirectory;

        public string? WhyLost() => whyLost() ?? held.WhyLost();

        public void Dispose() => held.Dispose();
    }
}
