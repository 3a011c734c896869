using AkkaWal.Crash.Tests.Simulation;
using AkkaWal.Storage.IO;

namespace AkkaWal.Tests;

/// <summary>A file system that tells a test of each sync of a file before it is issued, on the thread that issues it.</summary>
internal sealed class GatedFiles(IWalFileSystem files, Action<string> beforeSync) : ForwardingFiles(files)
{
    public override IWalFile Open(string path, FileAccessMode mode) => new File(base.Open(path, mode), beforeSync);

    private sealed class File(IWalFile file, Action<string> beforeSync) : ForwardingFile(file)
    {
        public override void Sync()
        {
            beforeSync(Path);
            base.Sync();
        }
    }
}
