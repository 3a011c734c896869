using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>
/// The file system of one process that can be killed: its locks are released, and its open files are not closed.
/// </summary>
internal sealed class MortalFiles(SimulatedDisk disk) : ForwardingFiles(disk)
{
    private readonly List<IWalLock> _locks = [];

    public override IWalLock Lock(string path)
    {
        var held = base.Lock(path);
        _locks.Add(held);
        return held;
    }

    public void Die()
    {
        foreach (var held in _locks)
            held.Dispose();
    }
}
