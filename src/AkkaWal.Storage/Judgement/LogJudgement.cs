using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Judgement;

/// <summary>
/// What is to be thought of a log directory, by the tables of FORMAT.md: what can be read of it, what is wrong with it,
/// and what an opening has to write. An opening, a reader, a verification and a repair all go by this, and by nothing
/// else.
/// </summary>
internal sealed record LogJudgement
{
    /// <summary>Where the log is, with its id.</summary>
    internal required SegmentStore Store { get; init; }

    /// <summary>
    /// What the MANIFEST says, or what is made up where it is missing or bad; null where it is of a newer version.
    /// </summary>
    internal Manifest? Manifest { get; init; }

    /// <summary>What to know the MANIFEST again by; 0 without one.</summary>
    internal uint ManifestChecksum { get; init; }

    /// <summary>
    /// The sealed segments that are there, oldest first, also those behind one that is missing, and those with a bad
    /// head.
    /// </summary>
    internal IReadOnlyList<SealedSegment> Sealed { get; init; } = [];

    /// <summary>Those that should be there and are not.</summary>
    internal IReadOnlyList<MissingSegment> Missing { get; init; } = [];

    /// <summary>Where the segment starts, or must start, that takes the appends.</summary>
    internal long ActiveBase { get; init; }

    /// <summary>That segment; null where it is missing or has no good head.</summary>
    internal TailSurvey? Tail { get; init; }

    /// <summary>What is not as it must be, in the order of the segments.</summary>
    internal IReadOnlyList<LogFault> Faults { get; init; } = [];

    /// <summary>Whether there is no log yet.</summary>
    internal bool IsNew { get; init; }

    /// <summary>Whether the active segment is to be made: the crash came before it was.</summary>
    internal bool MakesActive { get; init; }

    /// <summary>The segments whose seal is to be finished.</summary>
    internal IReadOnlyList<long> Unfinished { get; init; } = [];

    /// <summary>Files that the log does not use.</summary>
    internal IReadOnlyList<Leftover> Leftovers { get; init; } = [];

    /// <summary>Whether a deletion's note is to be removed behind these.</summary>
    internal bool HasDeletionNote { get; init; }

    /// <summary>Whether the archive may hold more than the MANIFEST says.</summary>
    internal bool HasArchiveMarks { get; init; }

    /// <summary>Whether the log has an identity towards an archive, or is a copy of one that had.</summary>
    internal bool HasIdentity { get; init; }

    /// <summary>Whether the MANIFEST is to be written anew before the log is used.</summary>
    internal bool IsManifestStale { get; init; }

    /// <summary>
    /// Whether names and marks say all that a new MANIFEST would: a full disk need not keep the log from its readers.
    /// </summary>
    internal bool CanManifestWait { get; init; }

    /// <summary>
    /// What keeps the log from being opened: what is newer before all else, for it may explain the rest. Null where
    /// nothing does.
    /// </summary>
    internal LogFault? Refusal =>
        Faults.FirstOrDefault(fault => fault is { IsRefused: true, Kind: LogFaultKind.Newer })
            ?? Faults.FirstOrDefault(fault => fault.IsRefused);
}

/// <summary>A segment that should be there and is not, or several in a row of which nothing is known.</summary>
/// <param name="Range">The offsets.</param>
/// <param name="Name">The file that is missing.</param>
internal readonly record struct MissingSegment(OffsetRange Range, string Name);

/// <summary>A file that the log does not use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Row">The row of FORMAT.md that it is; "" where it is none of the log's.</param>
/// <param name="Fate">What an opening does to it.</param>
/// <param name="Why">Why it is left over, for people.</param>
internal sealed record Leftover(string Name, string Row, LeftoverFate Fate, string Why);

/// <summary>What an opening does to a file that the log does not use.</summary>
internal enum LeftoverFate
{
    /// <summary>
    /// It is proved to be an interrupted operation's, and all that is in it is elsewhere or was to go: it is removed.
    /// </summary>
    Remove,

    /// <summary>A person may want it back: it is moved to <c>set-aside/</c> and named in a note.</summary>
    SetAside,

    /// <summary>It is named in a note.</summary>
    Mention,
}
