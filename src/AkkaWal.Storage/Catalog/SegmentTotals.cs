using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Catalog;

/// <summary>How many segments a log has, and what they take. Immutable.</summary>
/// <param name="ActiveCount">1 while the log is open, else 0.</param>
/// <param name="PlainCount">Sealed segments in the log's directory that are not compressed.</param>
/// <param name="CompressedCount">Sealed segments in the log's directory that are compressed.</param>
/// <param name="ArchivedCount">Sealed segments in the archive.</param>
/// <param name="DiskBytes">The records of sealed segments in the log's directory, as their files hold them.</param>
internal sealed record SegmentTotals(
    int ActiveCount, int PlainCount, int CompressedCount, int ArchivedCount, long DiskBytes)
{
    /// <summary>Of a log that is not open.</summary>
    internal static readonly SegmentTotals OfNone = new(0, 0, 0, 0, 0);

    /// <summary>Of a log without a sealed segment.</summary>
    internal static readonly SegmentTotals OfActive = new(1, 0, 0, 0, 0);

    /// <summary>The same with one more sealed segment, or, where the sign is -1, with one less.</summary>
    internal SegmentTotals With(SealedSegment segment, int sign) => segment switch
    {
        { IsArchived: true } => this with { ArchivedCount = ArchivedCount + sign },
        { IsCompressed: true } => this with
        {
            CompressedCount = CompressedCount + sign,
            DiskBytes = DiskBytes + sign * segment.OccupiedBytes,
        },
        _ => this with { PlainCount = PlainCount + sign, DiskBytes = DiskBytes + sign * segment.OccupiedBytes },
    };
}
