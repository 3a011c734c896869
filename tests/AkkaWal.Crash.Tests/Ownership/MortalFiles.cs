using AkkaWal.TestKit;
using AkkaWal.Storage.Files;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>
/// The disk as one process has it, which can be killed: its locks go, and nothing that it had open is closed.
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
