namespace AkkaWal.Storage;

/// <summary>Which failures an acknowledged append survives.</summary>
public enum FlushPolicy
{
    /// <summary>It is on the disk. A power cut loses no acknowledged append.</summary>
    Always,

    /// <summary>
    /// The operating system has it, and syncs are issued at an interval. A crash of the process loses no acknowledged
    /// append; a power cut loses at most those that came after the last successful sync.
    /// </summary>
    Interval,

    /// <summary>The operating system has it. It is synced at each roll, on request, and at a clean stop.</summary>
    OsCache,
}
