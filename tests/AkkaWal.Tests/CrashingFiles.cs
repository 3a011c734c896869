using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Tests;

/// <summary>
/// A file system that sometimes throws an unexpected exception, as a bug would, before or after a change to a segment's
/// files.
/// </summary>
internal sealed class CrashingFiles(IWalFileSystem files, int seed, int crashOneIn) : ForwardingFiles(files)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    internal bool IsArmed { get; set; }

    internal int CrashCount { get; private set; }

    public override IWalFile Open(string path, FileAccessMode mode) => new File(this, base.Open(path, mode));

    public override void Rename(string path, string newPath) => Around(path, () => base.Rename(path, newPath));

    public override void MakeReadOnly(string path) => Around(path, () => base.MakeReadOnly(path));

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

    private sealed class File(CrashingFiles owner, IWalFile file) : ForwardingFile(file)
    {
        public override void Write(long position, ReadOnlySpan<byte> bytes)
        {
            owner.MayCrash();
            base.Write(position, bytes);
            owner.MayCrash();
        }

        public override void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            owner.MayCrash();
            base.Write(position, buffers);
            owner.MayCrash();
        }

        public override void SetLength(long lengthBytes) => owner.Around(Path, () => base.SetLength(lengthBytes));

        public override void Sync() => owner.Around(Path, base.Sync);
    }
}
