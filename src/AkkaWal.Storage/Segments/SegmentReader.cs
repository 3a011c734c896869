using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>An immutable segment, open for reading: its index on the heap, one file handle. Any thread may read.</summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly IWalFile _log;
    private readonly PositionTable _positions;

    private SegmentReader(IWalFile log, SegmentHeader header, SealedSegment segment, PositionTable positions)
    {
        (_log, _positions, Segment, Header) = (log, positions, segment, header);
        Records = new RecordAccess(log, header, positions, new Watermark(segment.NextOffset, SegmentHeader.SizeBytes + segment.SizeBytes));
    }

    internal SealedSegment Segment { get; }

    internal SegmentHeader Header { get; }

    internal RecordAccess Records { get; }

    /// <summary>What its index takes in memory.</summary>
    internal long MemoryBytes => _positions.MemoryBytes;

    /// <summary>Opens a sealed segment. A lost or bad index is made up for by a walk of the log, in memory.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="isMapped">Whether to read it through a mapping, where it is a plain file beside the log.</param>
    /// <exception cref="WalDamagedException">The log file is missing or its header bad.</exception>
    internal static SegmentReader Open(SegmentStore store, SealedSegment segment, bool isMapped = false)
    {
        var (log, header) = store.OpenSealed(segment, isMapped);
        try
        {
            PositionTable? positions = null;
            using (var index = store.TryOpenIndex(segment))
                if (index is not null) SegmentIndexReader.TryRead(index, header, out positions);
            if (positions?.Count != segment.Info.RecordCount) positions = WalkPositions(log, SegmentHeader.SizeBytes + segment.SizeBytes);
            positions.Pack();
            return new SegmentReader(log, header, segment, positions);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    public void Dispose() => _log.Dispose();

    /// <summary>
    /// A walk through a sealed segment's records from one of them on, with a file handle of its own: a walk is long, and must not be closed under
    /// its feet. From the first record on it needs no index, and does not read it.
    /// </summary>
    /// <exception cref="WalDamagedException">The log file is missing or its header bad, or the record can't be found.</exception>
    internal static SegmentWalk Scan(SegmentStore store, SealedSegment segment, long offset)
    {
        var end = SegmentHeader.SizeBytes + segment.SizeBytes;
        if (offset == segment.BaseOffset)
        {
            var (log, header) = store.OpenSealed(segment);
            return WalkOf(log, header, new Watermark(offset, SegmentHeader.SizeBytes), end);
        }
        var reader = Open(store, segment);
        try
        {
            return WalkOf(reader._log, reader.Header, new Watermark(offset, reader.Records.Locate(offset).Position), end);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static SegmentWalk WalkOf(IWalFile log, SegmentHeader header, Watermark start, long endPosition) =>
        new(log, Frame.SaltState(header.Salt), start, endPosition);

    // By lengths alone: each frame is verified when it is read.
    private static PositionTable WalkPositions(IWalFile log, long endPosition)
    {
        var positions = new PositionTable();
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        for (long position = SegmentHeader.SizeBytes; position < endPosition;)
        {
            if (log.Read(position, head) < head.Length || !Frame.TryReadHeader(head, out var header) || position + header.FrameBytes > endPosition) break;
            positions.Add(position);
            position += header.FrameBytes;
        }
        return positions;
    }
}
