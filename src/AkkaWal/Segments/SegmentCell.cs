namespace AkkaWal.Segments;

/// <summary>What of a segment's actor outlives its restarts. Touched by that actor alone.</summary>
internal sealed class SegmentCell(long baseOffset, long maxSegmentBytes)
{
    internal long BaseOffset => baseOffset;

    /// <summary>The limit in force: the last one that the actor was told.</summary>
    internal long MaxSegmentBytes { get; set; } = maxSegmentBytes;

    /// <summary>Crashes since the last commit that succeeded.</summary>
    internal int CrashCount { get; set; }

    /// <summary>Set once the segment is sealed and its appends are with the successor: it only reads from then on.</summary>
    internal Storage.Format.SealedSegment? Sealed { get; set; }
}
