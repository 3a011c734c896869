using AkkaWal.Storage.IO;

namespace AkkaWal.Crash.Tests.Simulation;

/// <summary>A file system that asks another one for everything: for those that do one thing differently.</summary>
public abstract class ForwardingFiles(IWalFileSystem files) : IWalFileSystem
{
    public virtual IWalFile Open(string path, FileAccessMode mode) => files.Open(path, mode);

    public virtual WalDirectoryEntry? Stat(string path) => files.Stat(path);

    public virtual IReadOnlyList<WalDirectoryEntry> List(string directory) => files.List(directory);

    public virtual void CreateDirectory(string path) => files.CreateDirectory(path);

    public virtual void Rename(string path, string newPath) => files.Rename(path, newPath);

    public virtual void Delete(string path) => files.Delete(path);

    public virtual void DeleteDirectory(string path) => files.DeleteDirectory(path);

    public virtual void MakeReadOnly(string path) => files.MakeReadOnly(path);

    public virtual void SyncDirectory(string path) => files.SyncDirectory(path);

    public virtual IDisposable Lock(string path) => files.Lock(path);

    public virtual bool IsLocked(string path) => files.IsLocked(path);
}
