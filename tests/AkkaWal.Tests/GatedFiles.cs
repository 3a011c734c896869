using AkkaWal.Storage.IO;

namespace AkkaWal.Tests;

/// <summary>A file system that tells a test of each sync of a file before it is issued, on the thread that issues it.</summary>
internal sealed class GatedFiles(IWalFileSystem files, Action<string> beforeSync) : IWalFileSystem
{
    public IWalFile Open(string path, FileAccessMode mode) => new File(files.Open(path, mode), beforeSync);

    public WalDirectoryEntry? Stat(string path) => files.Stat(path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => files.List(directory);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public void Rename(string path, string newPath) => files.Rename(path, newPath);

    public void Delete(string path) => files.Delete(path);

    public void DeleteDirectory(string path) => files.DeleteDirectory(path);

    public void MakeReadOnly(string path) => files.MakeReadOnly(path);

    public void SyncDirectory(string path) => files.SyncDirectory(path);

    public IDisposable Lock(string path) => files.Lock(path);

    public bool IsLocked(string path) => files.IsLocked(path);

    private sealed class File(IWalFile file, Action<string> beforeSync) : IWalFile
    {
        public string Path => file.Path;

        public long LengthBytes => file.LengthBytes;

        public int Read(long position, Span<byte> buffer) => file.Read(position, buffer);

        public void Write(long position, ReadOnlySpan<byte> bytes) => file.Write(position, bytes);

        public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => file.Write(position, buffers);

        public void SetLength(long lengthBytes) => file.SetLength(lengthBytes);

        public void Sync()
        {
            beforeSync(file.Path);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
