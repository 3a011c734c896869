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

/// <summary>A file that asks another one for everything.</summary>
public abstract class ForwardingFile(IWalFile file) : IWalFile
{
    public string Path => file.Path;

    public long LengthBytes => file.LengthBytes;

    public virtual int Read(long position, Span<byte> buffer) => file.Read(position, buffer);

    public virtual void Write(long position, ReadOnlySpan<byte> bytes) => file.Write(position, bytes);

    public virtual void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => file.Write(position, buffers);

    public virtual void SetLength(long lengthBytes) => file.SetLength(lengthBytes);

    public virtual void BeginWriteOut(long position, long count) => file.BeginWriteOut(position, count);

    public virtual void Allocate(long position, long count) => file.Allocate(position, count);

    public virtual void Sync() => file.Sync();

    public void Dispose()
    {
        file.Dispose();
        GC.SuppressFinalize(this);
    }
}
