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
    internal SegmentInfo Info => new(
        SegmentName.Log(BaseOffset), BaseOffset, NextOffset - 1, SizeBytes, State, (State & (SegmentState.Compressed | SegmentState.Archived)) == 0 ? null : StoredBytes);

    /// <summary>What its records take where they are: compressed, or plain with their frames.</summary>
    internal long OccupiedBytes => (State & SegmentState.Compressed) != 0 ? StoredBytes : SizeBytes;

    internal OffsetRange Range => new(BaseOffset, NextOffset);
}
