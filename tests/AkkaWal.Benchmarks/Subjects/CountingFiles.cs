using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.TestKit;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>The machine's file system, counting the syncs of segments: how many records shared each.</summary>
internal sealed class CountingFiles() : ForwardingFiles(PosixFileSystem.Instance)
{
    private long _logSyncs;

    internal long LogSyncs => Interlocked.Read(ref _logSyncs);

    /// <summary>Whether syncs are left out: for filling many segments whose durability nobody needs.</summary>
    internal bool IsHasty { get; init; }

    /// <summary>
    /// Whether the MANIFEST stays empty: for filling very many segments, where it would be most of what is written.
    /// To be unset before the log is closed, which writes it.
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
