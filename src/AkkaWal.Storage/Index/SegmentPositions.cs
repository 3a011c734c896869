namespace AkkaWal.Storage.Index;

/// <summary>Where a segment's frames start, by record: 0 is its first.</summary>
internal abstract class SegmentPositions
{
    /// <summary>A record's position and that of the record behind it; -1 for one that it does not know.</summary>
    /// <exception cref="WalIOException">They are in a file, and the platform could not read.</exception>
    internal abstract (long Position, long NextPosition) Around(int record);

    /// <summary>Whether what it says was checked as a whole. Where not, only the frame that is found there proves it.</summary>
    internal virtual bool IsVerified => true;

    /// <summary>
    /// To be called where a frame was not where it should be, before another look: checks all positions, once, and makes up for wrong ones.
    /// </summary>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal virtual void Verify()
    {
    }
}
