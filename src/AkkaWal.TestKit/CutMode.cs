namespace AkkaWal.TestKit;

/// <summary>Which unsynced changes of a file's bytes survive a power cut.</summary>
public enum KeptBytes
{
    /// <summary>None.</summary>
    None,

    /// <summary>All.</summary>
    All,

    /// <summary>All changes before one moment, across all files. The change at that moment survives in part.</summary>
    Prefix,

    /// <summary>Any of the changes, each as a whole.</summary>
    Subset,

    /// <summary>Any of the changes. Writes are torn at the pages of the cache.</summary>
    TornPages,

    /// <summary>Any of the changes. Writes are torn at the sectors of the disk.</summary>
    TornSectors,

    /// <summary>Any of the changes. Writes are torn at any byte.</summary>
    TornBytes,
}

/// <summary>Which unsynced changes of a directory's names survive a power cut.</summary>
public enum KeptNames
{
    /// <summary>None.</summary>
    None,

    /// <summary>All.</summary>
    All,

    /// <summary>All changes before one moment, as in a journaling file system.</summary>
    Prefix,

    /// <summary>Any of the changes. No common file system is that harsh.</summary>
    Subset,
}

/// <summary>Which unsynced changes survive a power cut.</summary>
/// <param name="Bytes">The changes of files' bytes and lengths that survive.</param>
/// <param name="Names">The changes of directories' names that survive.</param>
/// <param name="StaleBlocks">
/// Whether unwritten bytes below a file's length show old data of other files instead of zeros, as on a file system
/// that may store a new length before the data.
/// </param>
public readonly record struct CutMode(KeptBytes Bytes, KeptNames Names, bool StaleBlocks = false)
{
    private static readonly KeptBytes[] AllBytes = Enum.GetValues<KeptBytes>();
    private static readonly KeptNames[] AllNames = Enum.GetValues<KeptNames>();

    /// <summary>A random mode. The same seed always gives the same mode.</summary>
    public static CutMode Any(Random random) => new(
        AllBytes[random.Next(AllBytes.Length)], AllNames[random.Next(AllNames.Length)], random.Next(8) == 0);
}
