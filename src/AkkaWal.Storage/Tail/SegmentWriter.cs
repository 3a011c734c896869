using System.Diagnostics;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// The active segment. Records are staged, written together by <see cref="Commit"/> and made durable by a sync:
/// <code>
///   Stage, Stage, ... -> Commit -> BeginSync -> RunSync (any thread) -> CompleteSync
///        offsets         bytes with the OS            bytes on the disk     watermark moves
/// </code>
/// It has one owner, which may change threads between calls. One <see cref="RunSync"/> and one
/// <see cref="SyncWatermark"/> at a time may run on other threads, beside staging and commits. A failed write or sync
/// is latched: the segment then refuses appends and still reads what was committed.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly IWalFile _log;
    private readonly FailureLatch _latch = new();
    private readonly TailOwnership _ownership;
    private readonly TailIndex _index;
    private readonly TailReservation _reservation;
    private readonly TailRoll _roll;
    private readonly WriteBack _writeBack;
    private readonly PositionTable _positions;
    private readonly StagedRecords _staged;
    private readonly ExclusiveUse _owner = new(), _syncing = new();

    // Kept, since a delegate for each sync would be garbage.
    private readonly Action _syncLog;

    /// <param name="segmentFiles">Where the segment is.</param>
    /// <param name="log">Its log file, open for writing. The writer disposes it.</param>
    /// <param name="header">The log file's header.</param>
    /// <param name="index">Its index file, open for writing. The writer disposes it.</param>
    /// <param name="positions">The positions of all its records.</param>
    /// <param name="end">The end of its records, all of which are durable.</param>
    internal SegmentWriter(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, SegmentIndexFile index, PositionTable positions,
        Watermark end)
    {
        Debug.Assert(positions.Count == end.NextOffset - header.BaseOffset, "each record has a position");
        (_log, Header, _positions) = (log, header, positions);
        _ownership = new TailOwnership(segmentFiles, log, _latch);
        _index = new TailIndex(index, positions, _latch, end);
        _staged = new StagedRecords(header, positions, segmentFiles.Options.MaxCommitBytes);
        Records = new SegmentRecords(log, header, positions, end);
        _reservation = new TailReservation(
            segmentFiles.Options.Flush == FlushPolicy.Always, log.LengthBytes, segmentFiles.Options.ReservationBytes,
            segmentFiles.Courtesies);
        _roll = new TailRoll(segmentFiles, log, header.BaseOffset, _index);
        _writeBack = new WriteBack(log, segmentFiles.Courtesies);
        _syncLog = SyncLog;
        Durable = end;
        MaxSegmentBytes = segmentFiles.Options.MaxSegmentBytes;
    }

    internal SegmentHeader Header { get; }

    /// <summary>The end of what is known to be on the disk: at most <see cref="Committed"/>.</summary>
    internal Watermark Durable { get; private set; }

    /// <summary>The end of what the operating system has.</summary>
    internal Watermark Committed => Records.End;

    /// <summary>The committed records. For the owner's thread.</summary>
    internal SegmentRecords Records { get; }

    /// <summary>The records up to a committed end. For any thread, while the writer is open.</summary>
    internal SegmentRecords RecordsUpTo(Watermark end) => new(_log, Header, _positions, end);

    /// <summary>The offset that the next staged record gets.</summary>
    internal long NextOffset => _staged.NextOffset;

    /// <summary>The bytes of its records with their frames, staged ones included.</summary>
    internal long SizeBytes => Committed.EndPosition + _staged.SizeBytes - SegmentHeader.SizeBytes;

    /// <summary>The failure because of which it refuses appends; null while it takes them.</summary>
    internal Exception? Latched => _latch.Cause;

    /// <summary>Whether another owner was found to have taken the log over, and so to have gone on behind it.</summary>
    internal bool IsTakenOver => _ownership.IsTakenOver;

    /// <summary>Why the end of the log can't be told to a reader; null where it can.</summary>
    internal WalIOException? WhyEndIsUnknown() => _ownership.WhyEndIsUnknown();

    internal bool IsEmpty => _positions.Count == 0;

    /// <summary>The segment as the catalog lists it: committed records alone.</summary>
    internal SegmentInfo Info => new(
        SegmentName.Log(Header.BaseOffset), Header.BaseOffset, Committed.NextOffset - 1,
        Committed.EndPosition - SegmentHeader.SizeBytes, SegmentState.Active);

    /// <summary>The limit of the segment's size. May be changed at any time.</summary>
    internal long MaxSegmentBytes { get; set; }

    /// <summary>Whether that many more bytes of frames stay within the limit. An empty segment takes any record: one
    /// that is larger than the limit gets a segment of its own.</summary>
    internal bool HasRoomFor(long frameBytes) => !_roll.HasSuccessor && (IsEmpty || SizeBytes + frameBytes
        <= Math.Min(MaxSegmentBytes, WalOptions.LargestSegmentBytes - SegmentHeader.SizeBytes));

    /// <summary>Whether that many more bytes of frames may join the commit that is being staged.</summary>
    internal bool CommitHasRoomFor(long frameBytes) => _staged.HasRoomFor(frameBytes);

    /// <summary>Adds a record to the next commit.</summary>
    /// <returns>Its offset.</returns>
    /// <exception cref="WalReadOnlyException">A failure is latched.</exception>
    internal long Stage(ReadOnlySpan<byte> payload, bool continues = false)
    {
        using var owned = _owner.Begin();
        _latch.ThrowIfLatched();
        return _staged.Add(payload, Committed.EndPosition, continues);
    }

    /// <summary>Adds records to the next commit. After a crash all of them are there, or none.</summary>
    /// <returns>The first one's offset.</returns>
    /// <exception cref="WalReadOnlyException">A failure is latched.</exception>
    internal long StageBatch(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        using var owned = _owner.Begin();
        _latch.ThrowIfLatched();
        return _staged.AddBatch(payloads, Committed.EndPosition);
    }

    /// <summary>Writes everything staged to the operating system, as one write.</summary>
    /// <exception cref="WalLackException">Nothing was appended, and the segment goes on as before.</exception>
    /// <exception cref="WalReadOnlyException">The directory is not owned. Nothing was changed. Latched.</exception>
    /// <exception cref="WalOutcomeUnknownException">The write failed. Latched.</exception>
    internal void Commit()
    {
        using var owned = _owner.Begin();
        _latch.ThrowIfLatched();
        if (_staged.SizeBytes == 0) return;
        if (_ownership.CheckBeforeWrite() is { } lack)
        {
            DropStaged();
            throw lack;
        }
        try
        {
            _reservation.Write(_log, Committed.EndPosition, _staged.Bytes, MaxSegmentBytes);
        }
        catch (WalIOException e)
        {
            if (!e.IsPassing) throw _latch.Latch(e);
            var stagedBytes = _staged.SizeBytes;
            CutBack(e);
            var reason = $"{stagedBytes} bytes could not be written and were cut off again: {e.Message}";
            throw WalLackException.Of(reason, e);
        }
        _ownership.CheckBehindWrite();
        Records.End = new Watermark(NextOffset, Committed.EndPosition + _staged.SizeBytes);
        _staged.Clear();
        AssertEnds();
        _writeBack.Start(Durable.EndPosition, Committed.EndPosition);
        _index.SaveFullBlocks();
    }

    /// <summary>The end that a sync will cover which is issued after this call.</summary>
    internal Watermark BeginSync()
    {
        using var owned = _owner.Begin();
        _latch.ThrowIfLatched();
        return Committed;
    }

    /// <summary>Syncs the log file. From any thread; the owner must pass a failure to <see cref="Fail"/>.</summary>
    /// <exception cref="WalIOException">The sync failed. Or the directory was lost meanwhile, so that the next opening
    /// may not see what was synced.</exception>
    internal void RunSync()
    {
        using var only = _syncing.Begin();
        _latch.RunSync(_syncLog);
    }

    /// <summary>Moves the watermark. The owner then answers requests and calls <see cref="PrepareNext"/>.</summary>
    internal void CompleteSync(Watermark covered)
    {
        using var owned = _owner.Begin();
        Debug.Assert(covered.EndPosition <= Committed.EndPosition, "a sync covers what was committed before it");
        if (covered.EndPosition > Durable.EndPosition) Durable = covered;
        AssertEnds();
    }

    /// <summary>Reserves space for the next commits and writes the watermark. A failure is latched.</summary>
    internal void PrepareNext()
    {
        using var owned = _owner.Begin();
        try
        {
            if (Latched is null) _reservation.Extend(_log, Committed.EndPosition + _staged.SizeBytes, MaxSegmentBytes);
        }
        catch (WalIOException e)
        {
            _latch.Latch(e);
        }
        _index.SaveWatermark(Durable);
    }

    /// <summary>
    /// Latches a failure that the owner was told of: of a sync, which must not be tried again since the kernel may
    /// count lost pages as clean, or of the opening of its successor.
    /// </summary>
    /// <returns>The error to throw for it.</returns>
    internal WalOutcomeUnknownException Fail(Exception cause) => _latch.Latch(cause);

    /// <summary>Latches a sync's failure that was not reported yet. Call it with no sync under way.</summary>
    /// <exception cref="WalOutcomeUnknownException">A sync failed.</exception>
    internal void ThrowIfSyncFailed()
    {
        using var none = _syncing.Begin();
        _latch.ThrowIfSyncFailed();
    }

    /// <summary>Whether a failure is latched, reported or not. Call it with no sync under way.</summary>
    internal bool EndedLatched()
    {
        using var none = _syncing.Begin();
        return _latch.LatchUnreported();
    }

    /// <summary>Syncs what is committed, on the caller's thread.</summary>
    internal void SyncNow()
    {
        using var owned = _owner.Begin();
        var end = BeginSync();
        if (end == Durable) return;
        try
        {
            RunSync();
        }
        catch (WalIOException e)
        {
            throw _latch.Latch(e);
        }
        CompleteSync(end);
        PrepareNext();
    }

    /// <summary>Whether the index holds a watermark that was written and not synced.</summary>
    internal bool IsWatermarkUnsynced => _index.IsWatermarkUnsynced;

    /// <summary>Syncs the index's watermark: after a power cut it is no older than now. From any thread.</summary>
    internal void SyncWatermark() => _index.SyncWatermark();

    /// <summary>Frees memory that was not needed since the last call; true while there is some left to free.</summary>
    internal bool Shrink()
    {
        using var owned = _owner.Begin();
        return _staged.Shrink();
    }

    /// <summary>
    /// Seals the segment and creates its successor, in the steps of <see cref="TailRoll"/>. Appends to the successor
    /// are acknowledged only after the last one.
    /// </summary>
    /// <exception cref="WalLackException">Room, descriptors or memory were lacking. The roll can be tried again. Where
    /// the successor was created already it must be: the segment takes no more records.</exception>
    /// <exception cref="WalReadOnlyException">The directory is not owned. Nothing was changed. Latched.</exception>
    /// <exception cref="WalOutcomeUnknownException">A step failed. Latched.</exception>
    internal SealedSegment SealAndCreateSuccessor()
    {
        using var owned = _owner.Begin();
        _latch.ThrowIfLatched();
        ThrowIfSyncFailed();
        if (_staged.SizeBytes > 0) throw new InvalidOperationException("records are staged: commit them first");
        if (_ownership.CheckBeforeWrite() is { } lack) throw lack;
        try
        {
            if (!_roll.HasSuccessor) _roll.CreateSuccessor(NextOffset, () => Finish(IndexState.Active));
            return _roll.WriteSealedMark(Durable);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            throw WalLackException.Of($"{_log.Path} could not be rolled, and stays as it is: {e.Message}", e);
        }
        catch (WalIOException e)
        {
            throw _latch.Latch(e);
        }
    }

    /// <summary>Completes the index of a segment whose successor exists already, and writes its sealed mark.</summary>
    /// <exception cref="WalIOException">A step failed. The next opening tries again.</exception>
    internal SealedSegment MarkSealed()
    {
        using var owned = _owner.Begin();
        Finish(IndexState.Active);
        return _roll.WriteSealedMark(Durable);
    }

    /// <summary>
    /// A clean stop: all committed records are durable and the index is complete, so that the next opening need not
    /// scan. Where the directory is no longer owned, the records are synced and nothing else is written.
    /// </summary>
    /// <exception cref="WalOutcomeUnknownException">A sync failed.</exception>
    internal void CloseCleanly()
    {
        using var owned = _owner.Begin();
        if (Latched is null)
        {
            try
            {
                _ownership.ThrowIfLost();
                Finish(IndexState.Clean);
            }
            catch (WalIOException e) when (e.IsNotOwned)
            {
                _latch.Latch(e);
                SyncLost();
            }
            catch (WalIOException e) when (e.IsPassing)
            {
                // There is no room for the index, so the next opening scans. Sync the records alone.
                SyncNow();
            }
            catch (WalIOException e)
            {
                throw _latch.Latch(e);
            }
        }
        Dispose();
    }

    public void Dispose()
    {
        _log.Dispose();
        _index.Dispose();
    }

    // The disk too must show the file's old end: a part of the failed commit must not come back after a crash.
    private void CutBack(WalIOException cause)
    {
        try
        {
            _log.SetLength(Committed.EndPosition);
            _log.Sync();
        }
        catch (WalIOException)
        {
            throw _latch.Latch(cause);
        }
        // Does not move Durable: a sync on another thread may have failed meanwhile, and the kernel reports such a
        // failure to only one of the two syncs.
        _reservation.Reset(Committed.EndPosition);
        DropStaged();
    }

    private void SyncLost()
    {
        try
        {
            _log.Sync();
        }
        catch (WalIOException e)
        {
            throw _latch.Latch(e);
        }
    }

    private void Finish(IndexState state)
    {
        Debug.Assert(_staged.SizeBytes == 0, "nothing is staged when the end of the file is fixed");
        if (_reservation.ReservedEnd > Committed.EndPosition)
        {
            _log.SetLength(Committed.EndPosition);
            _reservation.Reset(Committed.EndPosition);
        }
        _log.Sync();
        Durable = Committed;
        _index.Complete(state, Durable);
    }

    private void SyncLog()
    {
        _log.Sync();
        _ownership.ThrowIfLost();
    }

    private void DropStaged()
    {
        _staged.Drop(Committed.NextOffset);
        AssertEnds();
    }

    [Conditional("DEBUG")]
    private void AssertEnds()
    {
        Debug.Assert(Durable.EndPosition <= Committed.EndPosition, "what is durable was committed");
        Debug.Assert(Durable.NextOffset <= Committed.NextOffset, "a record is durable after it was committed");
        Debug.Assert(Committed.NextOffset <= NextOffset, "what is committed was staged");
    }
}
