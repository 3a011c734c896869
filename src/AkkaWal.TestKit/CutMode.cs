namespace AkkaWal.TestKit;

/// <summary>Which of the unsynced changes of a file's bytes a power cut leaves on the disk.</summary>
public enum KeptBytes
{
    /// <summary>None.</summary>
    None,

    /// <summary>All.</summary>
    All,

    /// <summary>Those before a moment, over all files together; the one at that moment in part.</summary>
    Prefix,

    /// <summary>Any, each whole or not at all.</summary>
    Subset,

    /// <summary>Any, writes torn at the pages of the cache.</summary>
    TornPages,

    /// <summary>Any, writes torn at the sectors of the disk.</summary>
    TornSectors,

    /// <summary>Any, writes torn at any byte.</summary>
    TornBytes,
}

/// <summary>Which of the unsynced changes of a directory's names a power cut leaves on the disk.</summary>
public enum KeptNames
{
    /// <summary>None.</summary>
    None,

    /// <summary>All.</summary>
    All,

    /// <summary>Those before a moment, as a journal keeps them.</summary>
    Prefix,

    /// <summary>Any: harsher than the file systems in use.</summary>
    Subset,
}

/// <summary>What a power cut leaves of what was not synced.</summary>
/// <param name="Bytes">Of the files' bytes and lengths.</param>
/// <param name="Names">Of the directories' names.</param>
/// <param name="StaleBlocks">Whether what was never written below a file's length shows what other files had there, and
/// not zeros, as on a file system that does not order sizes behind data.</param>
public readonly record struct CutMode(KeptBytes Bytes, KeptNames Names, bool StaleBlocks = false)
{
    private static readonly KeptBytes[] AllBytes = Enum.GetValues<KeptBytes>();
    private static readonly KeptNames[] AllNames = Enum.GetValues<KeptNames>();

    /// <summary>A mode by chance; one seed always gives the same.</summary>
    public static CutMode Any(Random random) => new(
        AllBytes[random.Next(AllBytes.Length)], AllNames[random.Next(AllNames.Length)], random.Next(8) == 0);
}
