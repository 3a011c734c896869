namespace AkkaWal.Storage.Format;

/// <summary>An immutable segment, as the MANIFEST keeps it.</summary>
/// <param name="BaseOffset">The offset of its first record.</param>
/// <param name="NextOffset">The offset that follows its last record.</param>
/// <param name="SizeBytes">Its records with their frames.</param>
/// <param name="State">Sealed, and what else.</param>
/// <param name="StoredBytes">What a compressed or archived one's file takes; 0 for any other.</param>
/// <param name="SealedAtUnixMs">When it was sealed, by the wall clock: for retention by age alone.</param>
internal readonly record struct SealedSegment(
    long BaseOffset, long NextOffset, long SizeBytes, SegmentState State, long StoredBytes, long SealedAtUnixMs)
{
    /// <summary>
    /// Which of the log's places in the archive holds an archived one: 0 for the one that bears the log's id, a number
    /// of 16 bits for that of a copy of the log. 0 of any other segment.
    /// </summary>
    internal int Place { get; init; }

    /// <summary>
    /// The checksum of an archived one's block directory, which holds those of its blocks: what proves that a file in
    /// the archive is this segment. 0 where it is not known, of what a version before this one archived.
    /// </summary>
    internal uint ArchiveChecksum { get; init; }

    /// <summary>Whether its records are in compressed blocks.</summary>
    internal bool IsCompressed => (State & SegmentState.Compressed) != 0;

    /// <summary>Whether its files are in the archive.</summary>
    internal bool IsArchived => (State & SegmentState.Archived) != 0;

    /// <summary>How and where its records are kept: 0 for a plain file beside the log.</summary>
    internal SegmentState Form => State & (SegmentState.Compressed | SegmentState.Archived);

    /// <summary>The name of its records' file, beside the log or in the archive.</summary>
    internal string FileName => IsCompressed ? SegmentName.Compressed(BaseOffset) : SegmentName.Log(BaseOffset);

    internal SegmentInfo Info => new(
        SegmentName.Log(BaseOffset), BaseOffset, NextOffset - 1, SizeBytes, State,
        Form == 0 ? null : StoredBytes);

    /// <summary>What its records take where they are: compressed, or plain with their frames.</summary>
    internal long OccupiedBytes => IsCompressed ? StoredBytes : SizeBytes;

    internal OffsetRange Range => new(BaseOffset, NextOffset);
}
