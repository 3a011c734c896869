namespace AkkaWal.TestKit.Simulation;

/// <summary>What a file system could get wrong about directories and locks.</summary>
[Flags]
internal enum BrokenDisk
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Whoever asks for a lock that was lost is told that all is well.</summary>
    NeverTellsThatALockIsLost = 1,

    /// <summary>A lock is on the lock file alone: whoever removes that lets a second owner in.</summary>
    LocksFilesAlone = 2,

    /// <summary>What is asked of an open directory is done in the one that its path leads to by now.</summary>
    ResolvesPathsAnew = 4,

    /// <summary>A copy of a directory can't be told from its origin.</summary>
    CopiesBearTheSameNumber = 8,
}
