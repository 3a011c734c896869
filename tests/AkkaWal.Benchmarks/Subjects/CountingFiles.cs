using AkkaWal.Storage.IO;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>The machine's file system, counting the syncs of segments: how many records shared each.</summary>
internal sealed class CountingFiles : IWalFileSystem
{
    private readonly PosixFileSystem _files = PosixFileSystem.Instance;
    private long _logSyncs;

    internal long LogSyncs => Interlocked.Read(ref _logSyncs);

    /// <summary>Whether syncs are left out: for filling many segments whose durability nobody needs.</summary>
    internal bool IsHasty { get; init; }

    public IWalFile Open(string path, FileAccessMode mode) =>
        new CountingFile(_files.Open(path, mode), this, path.EndsWith(".log", StringComparison.Ordinal));

    public WalDirectoryEntry? Stat(string path) => _files.Stat(path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => _files.List(directory);

    public void CreateDirectory(string path) => _files.CreateDirectory(path);

    public void Rename(string path, string newPath) => _files.Rename(path, newPath);

    public void Delete(string path) => _files.Delete(path);

    public void DeleteDirectory(string path) => _files.DeleteDirectory(path);

    public void MakeReadOnly(string path) => _files.MakeReadOnly(path);

    public void SyncDirectory(string path)
    {
        if (!IsHasty) _files.SyncDirectory(path);
    }

    public IDisposable Lock(string path) => _files.Lock(path);

    public bool IsLocked(string path) => _files.IsLocked(path);

    private sealed class CountingFile(IWalFile file, CountingFiles owner, bool isLog) : IWalFile
    {
        public string Path => file.Path;

        public long LengthBytes => file.LengthBytes;

        public int Read(long position, Span<byte> buffer) => file.Read(position, buffer);

        public void Write(long position, ReadOnlySpan<byte> bytes) => file.Write(position, bytes);

        public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => file.Write(position, buffers);

        public void SetLength(long lengthBytes) => file.SetLength(lengthBytes);

        public void Allocate(long position, long count) => file.Allocate(position, count);

        public void BeginWriteOut(long position, long count) => file.BeginWriteOut(position, count);

        public void Sync()
        {
            if (owner.IsHasty) return;
            if (isLog) Interlocked.Increment(ref owner._logSyncs);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
