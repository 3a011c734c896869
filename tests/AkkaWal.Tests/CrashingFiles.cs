using AkkaWal.Storage.IO;

namespace AkkaWal.Tests;

/// <summary>A file system that now and then throws what nobody expects, as a bug would, before or after a change to a segment's files.</summary>
internal sealed class CrashingFiles(IWalFileSystem files, int seed, int crashOneIn) : IWalFileSystem
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    internal bool IsArmed { get; set; }

    internal int CrashCount { get; private set; }

    public IWalFile Open(string path, FileAccessMode mode) => new File(this, files.Open(path, mode));

    public WalDirectoryEntry? Stat(string path) => files.Stat(path);

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => files.List(directory);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public void Rename(string path, string newPath) => Around(path, () => files.Rename(path, newPath));

    public void Delete(string path) => files.Delete(path);

    public void DeleteDirectory(string path) => files.DeleteDirectory(path);

    public void MakeReadOnly(string path) => Around(path, () => files.MakeReadOnly(path));

    public void SyncDirectory(string path) => files.SyncDirectory(path);

    public IDisposable Lock(string path) => files.Lock(path);

    public bool IsLocked(string path) => files.IsLocked(path);

    private void Around(string path, Action change)
    {
        if (!path.Contains(".log", StringComparison.Ordinal) && !path.Contains(".index", StringComparison.Ordinal))
        {
            change();
            return;
        }
        MayCrash();
        change();
        MayCrash();
    }

    private void MayCrash()
    {
        lock (_gate)
        {
            if (!IsArmed || _random.Next(2 * crashOneIn) != 0) return;
            CrashCount++;
        }
        throw new InvalidOperationException("a crash for the test");
    }

    private sealed class File(CrashingFiles owner, IWalFile file) : IWalFile
    {
        public string Path => file.Path;

        public long LengthBytes => file.LengthBytes;

        public int Read(long position, Span<byte> buffer) => file.Read(position, buffer);

        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            owner.MayCrash();
            file.Write(position, bytes);
            owner.MayCrash();
        }

        public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            owner.MayCrash();
            file.Write(position, buffers);
            owner.MayCrash();
        }

        public void SetLength(long lengthBytes) => owner.Around(file.Path, () => file.SetLength(lengthBytes));

        public void Sync() => owner.Around(file.Path, file.Sync);

        public void Dispose() => file.Dispose();
    }
}
