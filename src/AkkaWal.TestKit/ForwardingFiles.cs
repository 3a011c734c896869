using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit;

/// <summary>
/// A file system that forwards every call to another one. A subclass that changes one call changes it also in
/// directories opened through it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A file system has no end; the collector frees the slots.")]
internal abstract class ForwardingFiles(IWalFileSystem files) : FilesOver(files)
{
    // Set while an open directory's member makes its call through this file system.
    private readonly ThreadLocal<IWalFileSystem?> _directory = new();

    protected override IWalFileSystem Target => _directory.Value ?? base.Target;

    public override IWalDirectory OpenDirectory(string path) =>
        new ForwardingDirectory(this, base.OpenDirectory(path));

    /// <summary>Called when an open directory is closed.</summary>
    protected virtual void OnDirectoryClosed()
    {
    }

    /// <summary>Called before the names from a directory upwards are synced.</summary>
    protected virtual void OnSyncNames(string path)
    {
    }

    private sealed class ForwardingDirectory(ForwardingFiles owner, IWalDirectory directory) : IWalDirectory
    {
        public string Path => directory.Path;

        public WalDirectoryIdentity Identity => directory.Identity;

        public bool IsPrivate => directory.IsPrivate;

        public void SyncNames()
        {
            owner.OnSyncNames(Path);
            directory.SyncNames();
        }

        public bool IsMountPoint => directory.IsMountPoint;

        public IWalFile Open(string path, FileAccessMode mode) => Ask(files => files.Open(path, mode));

        public WalDirectoryEntry? Stat(string path) => Ask(files => files.Stat(path));

        public IReadOnlyList<WalDirectoryEntry> List(string directory) => Ask(files => files.List(directory));

        public void CreateDirectory(string path) => Tell(files => files.CreateDirectory(path));

        public void Rename(string path, string newPath) => Tell(files => files.Rename(path, newPath));

        public void Link(string path, string newPath) => Tell(files => files.Link(path, newPath));

        public void Delete(string path) => Tell(files => files.Delete(path));

        public void DeleteDirectory(string path) => Tell(files => files.DeleteDirectory(path));

        public void MakeReadOnly(string path) => Tell(files => files.MakeReadOnly(path));

        public void SyncDirectory(string path) => Tell(files => files.SyncDirectory(path));

        public IWalLock Lock(string path) => Ask(files => files.Lock(path));

        public bool IsLocked(string path) => Ask(files => files.IsLocked(path));

        public IWalDirectory OpenDirectory(string path) => Ask(files => files.OpenDirectory(path));

        public void Dispose()
        {
            directory.Dispose();
            owner.OnDirectoryClosed();
        }

        private void Tell(Action<ForwardingFiles> tell) => Ask(files =>
        {
            tell(files);
            return true;
        });

        private T Ask<T>(Func<ForwardingFiles, T> ask)
        {
            var before = owner._directory.Value;
            owner._directory.Value = directory;
            try
            {
                return ask(owner);
            }
            finally
            {
                owner._directory.Value = before;
            }
        }
    }
}
