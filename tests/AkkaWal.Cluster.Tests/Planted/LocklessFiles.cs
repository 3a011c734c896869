using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Cluster.Tests.Planted;

/// <summary>The file system of this machine, as a node uses it whose locks the storage has lost.</summary>
/// <param name="isBlind">
/// The planted fault: the node does not see that another owner has claimed the next epoch and removed its files.
/// </param>
internal sealed class LocklessFiles(bool isBlind) : ForwardingFiles(WalFileSystem.Default)
{
    public override IWalFile Open(string path, FileAccessMode mode) => new LocklessFile(base.Open(path, mode), isBlind);

    public override WalDirectoryEntry? Stat(string path) =>
        isBlind && path.EndsWith(".claim", StringComparison.Ordinal) ? null : base.Stat(path);

    public override IWalLock Lock(string path) => new LostLock();

    private sealed class LocklessFile(IWalFile file, bool isBlind) : ForwardingFile(file)
    {
        public override bool? TryLock() => null;

        public override bool IsNamed() => isBlind || base.IsNamed();
    }

    private sealed class LostLock : IWalLock
    {
        public bool HoldsDirectory => true;

        public string? WhyLost() => null;

        public void Dispose()
        {
        }
    }
}
