namespace AkkaWal.Storage.Files;

/// <summary>
/// An open directory as a file system over its own one shows it: names and files are that file system's, and all else
/// is the directory's.
/// </summary>
/// <param name="files">The file system over it.</param>
/// <param name="below">The open directory. It is closed with this.</param>
internal class DirectoryOver(IWalFileSystem files, IWalDirectory below) : IWalDirectory
{
    public string Path => below.Path;

    public WalDirectoryIdentity Identity => below.Identity;

    public bool IsPrivate => below.IsPrivate;

    public bool IsMountPoint => below.IsMountPoint;

    public IWalFile Open(string path, FileAccessMode mode) => files.Open(path, mode);

    public WalDirectoryEntry? Stat(string path) => files.Stat(path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => files.List(directory);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public void Rename(string path, string newPath) => files.Rename(path, newPath);

    public void Link(string path, string newPath) => files.Link(path, newPath);

    public void Delete(string path) => files.Delete(path);

    public void DeleteDirectory(string path) => files.DeleteDirectory(path);

    public void MakeReadOnly(string path) => files.MakeReadOnly(path);

    public virtual void SyncNames() => below.SyncNames();

    public void SyncDirectory(string path) => files.SyncDirectory(path);

    public IWalLock Lock(string path) => files.Lock(path);

    public bool IsLocked(string path) => files.IsLocked(path);

    public IWalDirectory OpenDirectory(string path) => files.OpenDirectory(path);

    public void Dispose() => below.Dispose();
}
