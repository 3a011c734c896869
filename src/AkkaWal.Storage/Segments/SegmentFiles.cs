using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Segments;

/// <summary>Which file has a segment's records, by the state that the segment is in.</summary>
internal static class SegmentFiles
{
    /// <summary>The states that say where a segment's records are and how.</summary>
    internal const SegmentState Forms = SegmentState.Compressed | SegmentState.Archived;

    /// <summary>The name of a segment's records' file, beside the log or in the archive.</summary>
    internal static string NameOf(SealedSegment segment) => (segment.State & SegmentState.Compressed) != 0
        ? SegmentName.Compressed(segment.BaseOffset)
        : SegmentName.Log(segment.BaseOffset);

    internal static WalForeignException NoPlainFile(string path) =>
        new(path, 0, "a plain file", "a link, a directory or a device", "put the log's own file back");
}
