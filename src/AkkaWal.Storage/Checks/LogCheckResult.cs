using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// The state of a log directory by the tables of FORMAT.md: what can be read, what is wrong, and what an opening has to
/// write. Openings, readers, verifications and repairs all act on this and on nothing else.
/// </summary>
internal sealed record LogCheckResult
{
    /// <summary>Where the log is, with its id.</summary>
    internal required SegmentFiles SegmentFiles { get; init; }

    /// <summary>
    /// The MANIFEST, or a substitute where it is missing or bad; null where it is of a newer version.
    /// </summary>
    internal Manifest? Manifest { get; init; }

    /// <summary>The MANIFEST's checksum, which tells whether it was replaced; 0 without a MANIFEST.</summary>
    internal uint ManifestChecksum { get; init; }

    /// <summary>
    /// The sealed segments that exist, oldest first. Segments behind a missing one and segments with a bad header are
    /// included.
    /// </summary>
    internal IReadOnlyList<SealedSegment> Sealed { get; init; } = [];

    /// <summary>The segments that should exist and are missing.</summary>
    internal IReadOnlyList<MissingSegment> Missing { get; init; } = [];

    /// <summary>The offset at which the active segment starts, or must start.</summary>
    internal long ActiveBase { get; init; }

    /// <summary>The survey of the active segment; null where it is missing or has no valid header.</summary>
    internal TailSurvey? Tail { get; init; }

    /// <summary>The faults, in the order of the segments.</summary>
    internal IReadOnlyList<LogFault> Faults { get; init; } = [];

    /// <summary>Whether there is no log yet.</summary>
    internal bool IsNew { get; init; }

    /// <summary>Whether the opening creates the active segment, because a crash came before that was done.</summary>
    internal bool MakesActive { get; init; }

    /// <summary>The base offsets of the segments whose seal the opening finishes.</summary>
    internal IReadOnlyList<long> Unfinished { get; init; } = [];

    /// <summary>Files that the log does not use.</summary>
    internal IReadOnlyList<Leftover> Leftovers { get; init; } = [];

    /// <summary>Whether the opening removes a deletion's note after the leftovers.</summary>
    internal bool HasDeletionNote { get; init; }

    /// <summary>The marks of segments that the archive may hold beyond what the MANIFEST says.</summary>
    internal IReadOnlyList<(long BaseOffset, int Place)> Marks { get; init; } = [];

    /// <summary>Whether the log has an identity for the archive, or is a copy of a log that has one.</summary>
    internal bool HasIdentity { get; init; }

    /// <summary>Whether the opening saves the MANIFEST before the log is used.</summary>
    internal bool IsManifestStale { get; init; }

    /// <summary>
    /// Whether names and marks hold all information of a new MANIFEST, so that the opening can do without one on a full
    /// disk.
    /// </summary>
    internal bool CanManifestWait { get; init; }

    /// <summary>
    /// The fault because of which the log can't be opened; null where there is none. A newer version comes first,
    /// because it may explain the other faults.
    /// </summary>
    internal LogFault? Refusal =>
        Faults.FirstOrDefault(fault => fault is { IsRefused: true, Kind: LogFaultKind.Newer })
            ?? Faults.FirstOrDefault(fault => fault.IsRefused);

    /// <summary>
    /// Requires that a directory that somebody named as a log's own is not that of an epoch. Whoever wrote to it there
    /// would not find the claims of other owners.
    /// </summary>
    /// <param name="named">The directory that was named.</param>
    /// <exception cref="WalForeignException">It is the directory of an epoch.</exception>
    internal void ThrowIfOfEpoch(string named)
    {
        if (Manifest is not { Epoch: > 0 and var epoch } || SegmentFiles.Directory != named) return;
        throw new WalForeignException(
            SegmentFiles.PathOf(SegmentName.Manifest), 0, "the MANIFEST of a log's own directory",
            $"that of epoch {epoch}", "name the directory above epochs/, or a copy that LogBackup made of it");
    }
}

/// <summary>
/// A segment that should exist and is missing, or several consecutive ones about which nothing is known.
/// </summary>
/// <param name="Range">The offsets.</param>
/// <param name="Name">The file that is missing.</param>
internal readonly record struct MissingSegment(OffsetRange Range, string Name);

/// <summary>A file that the log does not use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Row">The row of FORMAT.md's tables; "" where the file is not one of the log's.</param>
/// <param name="Fate">What an opening does to it.</param>
/// <param name="Why">Why the log does not use it, for operators.</param>
internal sealed record Leftover(string Name, string Row, LeftoverFate Fate, string Why)
{
    /// <summary>
    /// The number of the place in the archive where it is; null where it is beside the log. A segment's own file may
    /// bear the same name there.
    /// </summary>
    internal int? ArchivePlace { get; init; }

    /// <summary>Where it is, as text for operators.</summary>
    internal string PathIn(SegmentFiles segmentFiles) =>
        ArchivePlace is { } place ? segmentFiles.ArchivedPath(place, Name) : segmentFiles.PathOf(Name);

    /// <summary>Whether it bears a name that the log itself gives.</summary>
    internal bool IsOfLog => Row.Length > 0;
}

/// <summary>What an opening does to a file that the log does not use.</summary>
internal enum LeftoverFate
{
    /// <summary>
    /// It is removed: it is proved that an interrupted operation left it and that its contents are elsewhere or were
    /// deleted.
    /// </summary>
    Remove,

    /// <summary>It is moved to <c>set-aside/</c> and named in a note: a person may want it back.</summary>
    SetAside,

    /// <summary>It is left alone and named in a note.</summary>
    Mention,
}
