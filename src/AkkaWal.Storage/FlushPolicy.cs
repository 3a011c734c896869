namespace AkkaWal.Storage;

/// <summary>What an acknowledged append has survived.</summary>
public enum FlushPolicy
{
    /// <summary>It is on the disk: a power cut loses nothing acknowledged.</summary>
    Always,

    /// <summary>The operating system has it, and syncs are issued at an interval: kill -9 loses nothing acknowledged, a power cut at
    /// most what came after the last successful sync.</summary>
    Interval,

    /// <summary>The operating system has it; it is synced at each roll, when asked for, and at a clean stop.</summary>
    OsCache,
}
