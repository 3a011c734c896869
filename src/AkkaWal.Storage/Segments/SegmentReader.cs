using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>An immutable segment, open for reading: its index on the heap, one file handle. Any thread may read.</summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly IWalFile _log;
    private readonly PositionTable _positions;
    private readonly uint _saltState;

    private SegmentReader(IWalFile log, SegmentHeader header, SealedSegment segment, PositionTable positions)
    {
        (_log, _positions, Segment, Header) = (log, positions, segment, header);
        _saltState = Frame.SaltState(header.Salt);
        Records = new RecordAccess(log, header, positions, new Watermark(segment.NextOffset, SegmentHeader.SizeBytes + segment.SizeBytes));
    }

    internal SealedSegment Segment { get; }

    internal SegmentHeader Header { get; }

    internal RecordAccess Records { get; }

    /// <summary>What its index takes in memory.</summary>
    internal long MemoryBytes => _positions.MemoryBytes;

    /// <summary>Opens a sealed segment. A lost or bad index is made up for by a walk of the log, in memory.</summary>
    /// <exception cref="WalDamagedException">The log file is missing or its header bad.</exception>
    internal static SegmentReader Open(SegmentStore store, SealedSegment segment)
    {
        var (log, header) = store.OpenSealed(segment);
        try
        {
            PositionTable? positions = null;
            using (var index = store.TryOpenIndex(segment))
                if (index is not null) SegmentIndexReader.TryReadSlot(index, header, out positions);
            if (positions?.Count != segment.Info.RecordCount) positions = WalkPositions(log, SegmentHeader.SizeBytes + segment.SizeBytes);
            return new SegmentReader(log, header, segment, positions);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>A walk through its records from one of them on; owns this reader.</summary>
    /// <exception cref="WalDamagedException">The record can't be found.</exception>
    internal SegmentWalk Scan(long offset)
    {
        var start = new Watermark(offset, offset == Segment.BaseOffset ? SegmentHeader.SizeBytes : Records.Locate(offset).Position);
        var end = Records.End.EndPosition;
        return new SegmentWalk(new FrameScanner(_log, _saltState, start, end, Frame.MaxPayloadBytes), _log.Path, end, this);
    }

    public void Dispose() => _log.Dispose();

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
