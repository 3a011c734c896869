using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// A sealed segment, open for reading: one file handle, and a second one while its index is read on demand. Any thread
/// may read.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    /// <summary>
    /// An index with at most this many entries is read and checked at the opening, and its file is closed: that costs
    /// no more than to look up one entry.
    /// </summary>
    private const int FewRecords = SegmentIndexFile.BlockEntries;

    private readonly IWalFile _log;
    private readonly SavedPositions? _saved;
    private readonly IndexBudget? _budget;
    private long _takenBytes;

    private SegmentReader(
        IWalFile log, SegmentHeader header, SealedSegment segment, SegmentPositions positions, IndexBudget? budget)
    {
        (_log, _saved, _budget, Segment, Header) = (log, positions as SavedPositions, budget, segment, header);
        _takenBytes = ((log as CompressedLogFile)?.DirectoryBytes ?? 0)
            + ((positions as PositionTable)?.MemoryBytes ?? 0);
        budget?.Reserve(_takenBytes);
        Records = new SegmentRecords(log, header, positions, new Watermark(segment.NextOffset, EndOf(segment)));
    }

    internal SealedSegment Segment { get; }

    internal SegmentHeader Header { get; }

    internal SegmentRecords Records { get; }

    /// <summary>
    /// The positions that were found in the log, where the index is lost or bad; null where it is right.
    /// </summary>
    internal PositionTable? FoundInLog { get; private init; }

    /// <summary>Opens a sealed segment. Where its index is lost or bad, the positions are found in the log.</summary>
    /// <param name="segmentFiles">Where the segment is.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="budget">
    /// The memory for parts of the index that are read on demand. Null: the whole index is read and checked now.
    /// </param>
    /// <param name="isMapped">Whether to map its files into memory, where they are plain files beside the log.</param>
    /// <param name="ignoresIndex">Whether to find all positions in the log, and not to read the index.</param>
    /// <exception cref="WalFaultException">The log file is missing or its header bad.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    internal static SegmentReader Open(
        SegmentFiles segmentFiles, SealedSegment segment, IndexBudget? budget = null, bool isMapped = false,
        bool ignoresIndex = false)
    {
        var (log, header) = segmentFiles.OpenSealed(segment, isMapped);
        IWalFile? index = null;
        try
        {
            index = ignoresIndex ? null : segmentFiles.TryOpenIndex(segment, isMapped);
            var recordCount = segment.Info.RecordCount;
            var slot = index is null ? null : IndexFileReader.TryReadCompleteSlot(index, header, recordCount);
            if (budget is not null && slot is { } complete && IsReadOnDemand(recordCount, budget))
            {
                var lazy = new SavedPositions(
                    index!, complete, EndOf(segment), () => WalkPositions(log, EndOf(segment)), budget);
                return new SegmentReader(log, header, segment, lazy, budget);
            }
            var saved = ReadPositions(index, slot);
            index?.Dispose();
            var positions = saved ?? WalkPositions(log, EndOf(segment));
            return new SegmentReader(log, header, segment, positions, budget)
            {
                FoundInLog = saved is null ? positions : null,
            };
        }
        catch
        {
            index?.Dispose();
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Does something with all records of a segment. Where it meets a damaged record it is repeated without the index,
    /// because the index can be wrong where the log is right.
    /// </summary>
    /// <param name="use">Takes whether to ignore the index.</param>
    /// <exception cref="WalDamagedException">A record is damaged in the log itself.</exception>
    internal static T WithOrWithoutIndex<T>(Func<bool, T> use)
    {
        try
        {
            return use(false);
        }
        catch (WalDamagedException)
        {
            return use(true);
        }
    }

    public void Dispose()
    {
        _saved?.Dispose();
        _budget?.Release(Interlocked.Exchange(ref _takenBytes, 0));
        _log.Dispose();
    }

    /// <summary>
    /// A scan of a sealed segment from one of its records on. It has a file handle of its own, so that closing the
    /// reader does not end it. From the first record on it needs no index; from another one it looks up that record
    /// alone.
    /// </summary>
    /// <exception cref="WalFaultException">
    /// The log file is missing, its header is bad, or the record can't be found.
    /// </exception>
    internal static SegmentWalk Scan(SegmentFiles segmentFiles, SealedSegment segment, long offset)
    {
        var end = EndOf(segment);
        if (offset == segment.BaseOffset)
        {
            var (log, header) = segmentFiles.OpenSealed(segment);
            return WalkOf(log, header, new Watermark(offset, SegmentHeader.SizeBytes), end);
        }
        var reader = Open(segmentFiles, segment, new IndexBudget(0));
        try
        {
            var start = new Watermark(offset, reader.Records.Locate(offset).Position);
            reader._saved?.Dispose();
            return WalkOf(reader._log, reader.Header, start, end);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static SegmentWalk WalkOf(IWalFile log, SegmentHeader header, Watermark start, long endPosition) =>
        new(log, Frame.SaltState(header.Salt), start, endPosition);

    private static bool IsReadOnDemand(long recordCount, IndexBudget budget) =>
        recordCount > FewRecords || !budget.HasRoomFor(PositionTable.MostBytes(recordCount));

    private static long EndOf(SealedSegment segment) => SegmentHeader.SizeBytes + segment.SizeBytes;

    private static PositionTable? ReadPositions(IWalFile? index, IndexSlot? slot)
    {
        var positions = index is not null && slot is { } complete
            ? IndexFileReader.TryReadEntries(index, complete)
            : null;
        positions?.Pack();
        return positions;
    }

    // Reads the headers alone. Each frame is verified when it is read.
    private static PositionTable WalkPositions(IWalFile log, long endPosition)
    {
        var positions = new PositionTable();
        Span<byte> head = stackalloc byte[Frame.HeaderBytes];
        for (long position = SegmentHeader.SizeBytes; position < endPosition;)
        {
            if (log.Read(position, head) < head.Length
                || !Frame.TryReadHeader(head, out var header)
                || position + header.FrameBytes > endPosition)
                break;
            positions.Add(position);
            position += header.FrameBytes;
        }
        positions.Pack();
        return positions;
    }
}
