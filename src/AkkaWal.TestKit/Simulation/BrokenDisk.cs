namespace AkkaWal.TestKit.Simulation;

/// <summary>Promises about directories and locks that a file system could break.</summary>
[Flags]
internal enum BrokenDisk
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A lost lock is reported as held.</summary>
    NeverTellsThatALockIsLost = 1,

    /// <summary>A lock covers only the lock file. If that is removed, a second owner gets a lock.</summary>
    LocksFilesAlone = 2,

    /// <summary>A call through an open directory goes to the directory that its path names now.</summary>
    ResolvesPathsAnew = 4,

    /// <summary>A copy of a directory has the inode number of its origin.</summary>
    CopiesBearTheSameNumber = 8,
}
