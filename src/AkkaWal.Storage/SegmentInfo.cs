namespace AkkaWal.Storage;

/// <summary>A segment as the catalog knows it, without any file access.</summary>
/// <param name="File">The name of its log file.</param>
/// <param name="StartOffset">The offset of its first record.</param>
/// <param name="EndOffset">The offset of its last record, inclusive; one less than the start where it is empty.</param>
/// <param name="SizeBytes">Its records with their frames; not the header, not reserved space.</param>
/// <param name="State">Active, sealed, compressed or archived.</param>
/// <param name="StoredBytes">What a compressed or archived segment's file takes where it is; null for any other.</param>
public sealed record SegmentInfo(
    string File, long StartOffset, long EndOffset, long SizeBytes, SegmentState State, long? StoredBytes = null)
{
    /// <summary>How many records it holds.</summary>
    public long RecordCount => EndOffset - StartOffset + 1;

    /// <summary>Whether it is immutable.</summary>
    public bool IsSealed => State != SegmentState.Active;

    /// <summary>Whether its file holds compressed blocks.</summary>
    public bool IsCompressed => (State & SegmentState.Compressed) != 0;

    /// <summary>Whether its file is in the archive.</summary>
    public bool IsArchived => (State & SegmentState.Archived) != 0;
}
