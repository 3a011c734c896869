namespace AkkaWal.Storage;

/// <summary>A segment as the catalog lists it.</summary>
/// <param name="File">The name of its log file.</param>
/// <param name="StartOffset">The offset of its first record.</param>
/// <param name="EndOffset">The offset of its last record, inclusive; <c>StartOffset - 1</c> where it is empty.</param>
/// <param name="SizeBytes">The size of its records with their frames, uncompressed, without header and reserved
/// space.</param>
/// <param name="State">Active, or sealed and perhaps compressed or archived.</param>
/// <param name="StoredBytes">The size of a compressed or archived segment's file; null for any other segment.</param>
public sealed record SegmentInfo(
    string File, long StartOffset, long EndOffset, long SizeBytes, SegmentState State, long? StoredBytes = null)
{
    /// <summary>How many records it holds.</summary>
    public long RecordCount => EndOffset - StartOffset + 1;

    /// <summary>Whether it is sealed: it takes no more appends.</summary>
    public bool IsSealed => State != SegmentState.Active;

    /// <summary>Whether its file holds compressed blocks.</summary>
    public bool IsCompressed => State.IsCompressed;

    /// <summary>Whether its file is in the archive.</summary>
    public bool IsArchived => State.IsArchived;

    /// <summary>Whether it was found not to shrink when it was to be compressed.</summary>
    public bool IsIncompressible => State.IsIncompressible;
}
