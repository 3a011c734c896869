using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// The last segment as a reader sees it that does not own it. Beside a writer it is read up to the watermark in its
/// index, which only grows; no byte below it is ever written again. Without a writer it is read up to the end of the
/// last whole batch. One thread at a time moves the end on; any thread may read meanwhile.
/// </summary>
internal sealed class WatchedTail : IDisposable
{
    private readonly SegmentFiles _segmentFiles;
    private readonly IWalFile _log;
    private readonly SegmentHeader _header;
    private readonly PositionTable _positions;
    private readonly TailSurvey? _survey;
    private readonly long _lengthBytes;
    private long _scannedTo = SegmentHeader.SizeBytes;
    private SegmentRecords _records;

    private WatchedTail(SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, TailSurvey? survey)
    {
        (_segmentFiles, _log, _header, _survey, _lengthBytes) = (segmentFiles, log, header, survey, log.LengthBytes);
        _positions = survey?.Positions ?? new PositionTable();
        var end = survey?.End ?? new Watermark(header.BaseOffset, SegmentHeader.SizeBytes);
        _records = new SegmentRecords(log, header, _positions, end);
    }

    /// <summary>
    /// The records that can be read now. They stay readable while the tail grows: positions are only added, and a new
    /// end comes with a new object.
    /// </summary>
    internal SegmentRecords Records => Volatile.Read(ref _records);

    internal long NextOffset => Records.End.NextOffset;

    /// <summary>The end of what is known to be on the disk.</summary>
    internal long DurableNextOffset => _survey is { } survey
        ? Math.Min(survey.Watermark.NextOffset, survey.End.NextOffset)
        : NextOffset;

    /// <summary>The end of the records that were synced, readable or not.</summary>
    internal long ClaimedNextOffset => Math.Max(_survey?.Watermark.NextOffset ?? 0, NextOffset);

    internal SegmentInfo Info => new(
        SegmentName.Log(_header.BaseOffset), _header.BaseOffset, NextOffset - 1,
        Records.End.EndPosition - SegmentHeader.SizeBytes, SegmentState.Active);

    /// <summary>Opens the last segment beside a writer, and reads its watermark.</summary>
    /// <exception cref="WalFaultException">The segment is missing, or its header is bad.</exception>
    internal static WatchedTail Open(SegmentFiles segmentFiles, long baseOffset)
    {
        var (log, header) = segmentFiles.OpenLog(baseOffset, FileAccessMode.Read);
        var tail = new WatchedTail(segmentFiles, log, header, null);
        try
        {
            tail.MoveOn();
            return tail;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Opens the last segment of a log without a writer, up to its last whole batch.</summary>
    /// <param name="segmentFiles">Where the segment is.</param>
    /// <param name="baseOffset">The segment's base offset.</param>
    /// <param name="survey">What a survey found in it.</param>
    /// <exception cref="WalFaultException">The segment is missing, or its header is bad.</exception>
    internal static WatchedTail OpenWhole(SegmentFiles segmentFiles, long baseOffset, TailSurvey survey)
    {
        var (log, header) = segmentFiles.OpenLog(baseOffset, FileAccessMode.Read);
        return new WatchedTail(segmentFiles, log, header, survey);
    }

    /// <summary>Whether a writer has changed the segment since its survey.</summary>
    internal bool HasChanged() =>
        _log.LengthBytes != _lengthBytes || SegmentIndexReader.TryReadSlot(_segmentFiles, _header) != _survey?.Slot;

    /// <summary>Reads the watermark again, and moves the end up to it.</summary>
    /// <returns>Whether the segment is sealed: it grows no more, and its successor exists.</returns>
    internal bool MoveOn()
    {
        if (SegmentIndexReader.TryReadSlot(_segmentFiles, _header) is not { } slot) return false;
        if (slot.Watermark.NextOffset > NextOffset)
        {
            AddPositions(slot.Watermark.EndPosition);
            Volatile.Write(ref _records, new SegmentRecords(_log, _header, _positions, slot.Watermark));
        }
        return slot.State == IndexState.Sealed;
    }

    /// <summary>
    /// A scan of the records from one of them on, up to the end that is known now. It has a file handle of its own,
    /// because this one is closed after a roll.
    /// </summary>
    /// <exception cref="WalDamagedException">The record can't be found.</exception>
    internal SegmentWalk Scan(long offset)
    {
        var records = Records;
        var end = records.End.EndPosition;
        var start = new Watermark(offset, records.Locate(offset).Position);
        var (log, _) = _segmentFiles.OpenLog(_header.BaseOffset, FileAccessMode.Read);
        return new SegmentWalk(log, Frame.SaltState(_header.Salt), start, end);
    }

    public void Dispose() => _log.Dispose();

    // Stops before a bad frame. Reads of the records behind it find no position, and report the damage.
    private void AddPositions(long endPosition)
    {
        var start = new Watermark(_header.BaseOffset + _positions.Count, _scannedTo);
        using var scanner = new FrameScanner(_log, Frame.SaltState(_header.Salt), start, endPosition);
        while (scanner.MoveNext())
        {
            _positions.Add(scanner.Position);
            _scannedTo = scanner.NextPosition;
        }
    }
}
