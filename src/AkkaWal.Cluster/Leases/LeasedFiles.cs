using AkkaWal.Storage.Files;

namespace AkkaWal.Cluster.Leases;

/// <summary>A file system whose locks are lost when the shard's lease is lost.</summary>
/// <param name="files">The file system itself.</param>
/// <param name="whyLost">Why the lease is lost; null if it is held. For any thread.</param>
internal sealed class LeasedFiles(IWalFileSystem files, Func<string?> whyLost) : FilesOver(files)
{
    public override IWalLock Lock(string path) => new LeasedLock(base.Lock(path), whyLost);

    public override IWalDirectory OpenDirectory(string path)
    {
        var directory = base.OpenDirectory(path);
        return new DirectoryOver(new LeasedFiles(directory, whyLost), directory);
    }

    private sealed class LeasedLock(IWalLock held, Func<string?> whyLost) : IWalLock
    {
        public bool HoldsDirectory => held.HoldsDirectory;

        public string? WhyLost() => whyLost() ?? held.WhyLost();

        public void Dispose() => held.Dispose();
    }
}
