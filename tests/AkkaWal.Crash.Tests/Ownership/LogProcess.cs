using AkkaWal.Storage;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>A process that has the log open.</summary>
internal sealed class LogProcess
{
    public MortalFiles? Files { get; set; }

    public SegmentedLog? Log { get; set; }

    public ulong? Inode { get; set; }

    public DirectoryRecords? Directory { get; set; }

    /// <summary>Whether the intruder has changed its directory.</summary>
    public bool WasTouched { get; set; }

    public bool HasLostLock { get; set; }

    /// <summary>Whether it has noticed the loss of its directory. Then the loss is final.</summary>
    public bool HasNoticed { get; set; }

    public void Forget()
    {
        (Log, Inode, Directory) = (null, null, null);
        WasTouched = HasLostLock = HasNoticed = false;
    }
}
