using AkkaWal.TestKit;
using AkkaWal.Storage.Files;

namespace AkkaWal.Tests;

/// <summary>A file system that tells a test of each sync and each read of a file before it is issued, on the thread that issues it.</summary>
internal sealed class GatedFiles(IWalFileSystem files) : ForwardingFiles(files)
{
    internal Action<string> BeforeSync { get; init; } = static _ => { };

    /// <summary>Told the file and how many bytes.</summary>
    internal Action<string, int> BeforeRead { get; init; } = static (_, _) => { };

    public override IWalFile Open(string path, FileAccessMode mode) => new File(base.Open(path, mode), this);

    private sealed class File(IWalFile file, GatedFiles owner) : ForwardingFile(file)
    {
        public override int Read(long position, Span<byte> buffer)
        {
            owner.BeforeRead(Path, buffer.Length);
            return base.Read(position, buffer);
        }

        public override void Sync()
        {
            owner.BeforeSync(Path);
            base.Sync();
        }
    }
}
