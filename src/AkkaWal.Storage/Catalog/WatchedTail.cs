using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// The last segment as a reader sees it that does not own it. Beside a writer: up to the watermark in its index, which only grows, and
/// below which nothing is ever written again. Without one: up to the end of the last whole batch. One thread at a time moves it on; any
/// may read beside it.
/// </summary>
internal sealed class WatchedTail : IDisposable
{
    private readonly SegmentStore _store;
    private readonly IWalFile _log;
    private readonly SegmentHeader _header;
    private readonly PositionTable _positions;
    private readonly TailSurvey? _survey;
    private readonly long _lengthBytes;
    private long _scannedTo = SegmentHeader.SizeBytes;
    private SegmentRecords _records;

    private WatchedTail(SegmentStore store, IWalFile log, SegmentHeader header, TailSurvey? survey)
    {
        (_store, _log, _header, _survey, _lengthBytes) = (store, log, header, survey, log.LengthBytes);
        _positions = survey?.Positions ?? new PositionTable();
        _records = new SegmentRecords(log, header, _positions, survey?.End ?? new Watermark(header.BaseOffset, SegmentHeader.SizeBytes));
    }

    /// <summary>
    /// What can be read now. Whoever holds one goes on reading it while the tail grows: entries are only added to the table, and an
    /// end is never changed but replaced with its records.
    /// </summary>
    internal SegmentRecords Records => Volatile.Read(ref _records);

    internal long NextOffset => Records.End.NextOffset;

    /// <summary>The end of what is known to be on the disk.</summary>
    internal long DurableNextOffset => _survey is { } survey ? Math.Min(survey.Watermark.NextOffset, survey.End.NextOffset) : NextOffset;

    /// <summary>The end of what was synced, readable or not.</summary>
    internal long ClaimedNextOffset => Math.Max(_survey?.Watermark.NextOffset ?? 0, NextOffset);

    internal SegmentInfo Info => new(
        SegmentName.Log(_header.BaseOffset), _header.BaseOffset, NextOffset - 1, Records.End.EndPosition - SegmentHeader.SizeBytes, SegmentState.Active);

    /// <summary>Opens a segment, which must exist, and looks how far it goes.</summary>
    /// <exception cref="WalFaultException">It is missing, or its header is bad.</exception>
    internal static WatchedTail Open(SegmentStore store, long baseOffset)
    {
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.Read);
        var tail = new WatchedTail(store, log, header, null);
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

    /// <summary>Opens a segment that nobody writes, up to its last whole batch.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="baseOffset">Which one.</param>
    /// <param name="survey">What was seen of it.</param>
    /// <exception cref="WalFaultException">It went since.</exception>
    internal static WatchedTail OpenWhole(SegmentStore store, long baseOffset, TailSurvey survey)
    {
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.Read);
        return new WatchedTail(store, log, header, survey);
    }

    /// <summary>Whether somebody wrote to a segment that nobody was writing.</summary>
    internal bool HasChanged() => _log.LengthBytes != _lengthBytes || SegmentIndexReader.TryReadSlot(_store, _header) != _survey?.Slot;

    /// <summary>Looks at the watermark again.</summary>
    /// <returns>Whether the segment has been sealed: then it grows no more, and its successor exists.</returns>
    internal bool MoveOn()
    {
        if (SegmentIndexReader.TryReadSlot(_store, _header) is not { } slot) return false;
        if (slot.Watermark.NextOffset > NextOffset)
        {
            AddPositions(slot.Watermark.EndPosition);
            Volatile.Write(ref _records, new SegmentRecords(_log, _header, _positions, slot.Watermark));
        }
        return slot.State == IndexState.Sealed;
    }

    /// <summary>A walk through its records from one of them on, to what is the end now. With a handle of its own: a roll closes this one.</summary>
    /// <exception cref="WalDamagedException">The record can't be found.</exception>
    internal SegmentWalk Scan(long offset)
    {
        var records = Records;
        var end = records.End.EndPosition;
        var start = new Watermark(offset, records.Locate(offset).Position);
        var (log, _) = _store.OpenLog(_header.BaseOffset, FileAccessMode.Read);
        return new SegmentWalk(log, Frame.SaltState(_header.Salt), start, end);
    }

    public void Dispose() => _log.Dispose();

    // Stops before the first bad frame: reads behind it find out by themselves, and say so.
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
