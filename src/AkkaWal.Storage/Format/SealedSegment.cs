namespace AkkaWal.Storage.Format;

/// <summary>A sealed segment as the MANIFEST lists it.</summary>
/// <param name="BaseOffset">The offset of its first record.</param>
/// <param name="NextOffset">The offset that follows its last record.</param>
/// <param name="SizeBytes">The size of its records with their frames, uncompressed.</param>
/// <param name="State">Sealed, and perhaps compressed, archived or incompressible.</param>
/// <param name="StoredBytes">The size of a compressed or archived segment's file; 0 for any other segment.</param>
/// <param name="SealedAtUnixMs">When it was sealed, by the wall clock; used by retention by age. 0: not known.</param>
internal readonly record struct SealedSegment(
    long BaseOffset, long NextOffset, long SizeBytes, SegmentState State, long StoredBytes, long SealedAtUnixMs)
{
    /// <summary>
    /// The number of the place in the archive that holds it: 0 for the place with the log's id, a number of 16 bits for
    /// a place of a copied log. 0 for a segment that is not archived.
    /// </summary>
    internal int Place { get; init; }

    /// <summary>
    /// The checksum of an archived segment's block directory, which contains those of its blocks. It proves that a file
    /// in the archive is this segment. 0 where it is not known, because an older version archived the segment.
    /// </summary>
    internal uint ArchiveChecksum { get; init; }

    /// <summary>Whether its records are in compressed blocks.</summary>
    internal bool IsCompressed => State.IsCompressed;

    /// <summary>Whether its files are in the archive.</summary>
    internal bool IsArchived => State.IsArchived;

    /// <summary>Whether it was found not to shrink.</summary>
    internal bool IsIncompressible => State.IsIncompressible;

    /// <summary>Whether it is compressed and whether it is archived: 0 for a plain file beside the log.</summary>
    internal SegmentState Form => State & (SegmentState.Compressed | SegmentState.Archived);

    /// <summary>The name of the file with its records, beside the log or in the archive.</summary>
    internal string FileName => IsCompressed ? SegmentName.Compressed(BaseOffset) : SegmentName.Log(BaseOffset);

    internal SegmentInfo Info => new(
        SegmentName.Log(BaseOffset), BaseOffset, NextOffset - 1, SizeBytes, State,
        Form == 0 ? null : StoredBytes);

    /// <summary>The size of its records in the file that holds them: compressed, or plain with their frames.</summary>
    internal long OccupiedBytes => IsCompressed ? StoredBytes : SizeBytes;

    internal OffsetRange Range => new(BaseOffset, NextOffset);
}
