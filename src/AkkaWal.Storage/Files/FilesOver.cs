namespace AkkaWal.Storage.Files;

/// <summary>A file system over another one. A subclass changes single calls; the others are the other one's.</summary>
/// <param name="below">The file system below.</param>
internal abstract class FilesOver(IWalFileSystem below) : IWalFileSystem
{
    /// <summary>The file system that gets the calls.</summary>
    protected virtual IWalFileSystem Target => below;

    public virtual IWalFile Open(string path, FileAccessMode mode) => Target.Open(path, mode);

    public virtual WalDirectoryEntry? Stat(string path) => Target.Stat(path);

    public virtual IReadOnlyList<WalDirectoryEntry> List(string directory) => Target.List(directory);

    public virtual void CreateDirectory(string path) => Target.CreateDirectory(path);

    public virtual void Rename(string path, string newPath) => Target.Rename(path, newPath);

    public virtual void Link(string path, string newPath) => Target.Link(path, newPath);

    public virtual void Delete(string path) => Target.Delete(path);

    public virtual void DeleteDirectory(string path) => Target.DeleteDirectory(path);

    public virtual void MakeReadOnly(string path) => Target.MakeReadOnly(path);

    public virtual void SyncDirectory(string path) => Target.SyncDirectory(path);

    public virtual IWalLock Lock(string path) => Target.Lock(path);

    public virtual bool IsLocked(string path) => Target.IsLocked(path);

    public virtual IWalDirectory OpenDirectory(string path) => Target.OpenDirectory(path);
}

/// <summary>
/// An open directory as a file system over its own one shows it: names and files are that file system's, and all else
/// is the directory's.
/// </summary>
/// <param name="files">The file system over it.</param>
/// <param name="below">The open directory. It is closed with this.</param>
internal class DirectoryOver(IWalFileSystem files, IWalDirectory below) : FilesOver(files), IWalDirectory
{
    public string Path => below.Path;

    public WalDirectoryIdentity Identity => below.Identity;

    public bool IsPrivate => below.IsPrivate;

    public bool IsMountPoint => below.IsMountPoint;

    public virtual void SyncNames() => below.SyncNames();

    public void Dispose() => below.Dispose();
}
