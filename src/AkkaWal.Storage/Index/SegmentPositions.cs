namespace AkkaWal.Storage.Index;

/// <summary>The positions of a segment's frames, by record number: 0 is the segment's first record.</summary>
internal abstract class SegmentPositions
{
    /// <summary>The positions of a record and of the record behind it; -1 for each that is not known.</summary>
    /// <exception cref="WalIOException">The positions are in a file, and the platform could not read it.</exception>
    internal abstract (long Position, long NextPosition) Around(int record);

    /// <summary>
    /// Whether the positions were checked as a whole. While they were not, only a valid frame at a position proves it.
    /// </summary>
    internal virtual bool IsVerified => true;

    /// <summary>
    /// Checks all positions once and replaces wrong ones. To be called where a frame was not at its position, before
    /// another lookup.
    /// </summary>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal virtual void Verify()
    {
    }
}
