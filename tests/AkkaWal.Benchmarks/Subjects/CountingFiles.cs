using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.TestKit;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>The machine's file system, which counts the syncs of segments and the records of each sync.</summary>
internal sealed class CountingFiles() : ForwardingFiles(PosixFileSystem.Instance)
{
    private long _logSyncs;

    internal long LogSyncs => Interlocked.Read(ref _logSyncs);

    /// <summary>Whether syncs are left out, to fill many segments that need not be durable.</summary>
    internal bool IsHasty { get; init; }

    /// <summary>
    /// Whether the MANIFEST stays empty, to fill very many segments: most of the bytes would be the MANIFEST's. Unset
    /// it before the log is closed, which writes it.
    /// </summary>
    internal bool IsWithoutManifest { get; set; }

    public override IWalFile Open(string path, FileAccessMode mode) => new CountingFile(base.Open(path, mode), this);

    public override void SyncDirectory(string path)
    {
        if (!IsHasty) base.SyncDirectory(path);
    }

    private sealed class CountingFile(IWalFile file, CountingFiles owner) : ForwardingFile(file)
    {
        private readonly bool _isLog = file.Path.EndsWith(".log", StringComparison.Ordinal);
        private readonly bool _isManifest =
            System.IO.Path.GetFileName(file.Path).StartsWith("MANIFEST", StringComparison.Ordinal);

        public override void Write(long position, ReadOnlySpan<byte> bytes)
        {
            if (!_isManifest || !owner.IsWithoutManifest) base.Write(position, bytes);
        }

        public override void Sync()
        {
            if (owner.IsHasty) return;
            if (_isLog) Interlocked.Increment(ref owner._logSyncs);
            base.Sync();
        }
    }
}
