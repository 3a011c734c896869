using AkkaWal.Crash.Tests.Simulation;
using AkkaWal.Storage.IO;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>The machine's file system, counting the syncs of segments: how many records shared each.</summary>
internal sealed class CountingFiles() : ForwardingFiles(PosixFileSystem.Instance)
{
    private long _logSyncs;

    internal long LogSyncs => Interlocked.Read(ref _logSyncs);

    /// <summary>Whether syncs are left out: for filling many segments whose durability nobody needs.</summary>
    internal bool IsHasty { get; init; }

    public override IWalFile Open(string path, FileAccessMode mode) =>
        new CountingFile(base.Open(path, mode), this, path.EndsWith(".log", StringComparison.Ordinal));

    public override void SyncDirectory(string path)
    {
        if (!IsHasty) base.SyncDirectory(path);
    }

    private sealed class CountingFile(IWalFile file, CountingFiles owner, bool isLog) : ForwardingFile(file)
    {
        public override void Sync()
        {
            if (owner.IsHasty) return;
            if (isLog) Interlocked.Increment(ref owner._logSyncs);
            base.Sync();
        }
    }
}
