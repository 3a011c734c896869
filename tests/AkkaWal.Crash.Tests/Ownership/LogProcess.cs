using AkkaWal.Storage;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>One of the processes that want the log, while it has it open.</summary>
internal sealed class LogProcess
{
    public MortalFiles? Files { get; set; }

    public SegmentedLog? Log { get; set; }

    public ulong? Inode { get; set; }

    public DirectoryRecords? Directory { get; set; }

    /// <summary>Somebody did something to its directory.</summary>
    public bool WasTouched { get; set; }

    public bool HasLostLock { get; set; }

    /// <summary>It has noticed the loss of its directory; from then on the loss is final.</summary>
    public bool HasNoticed { get; set; }

    public void Forget()
    {
        (Log, Inode, Directory) = (null, null, null);
        WasTouched = HasLostLock = HasNoticed = false;
    }
}
