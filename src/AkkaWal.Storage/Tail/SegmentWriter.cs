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
/// One thread owns it; <see cref="RunSync"/> alone may run on another, one at a time, beside staging and commits.
/// A failed write or sync is latched: from then on it takes nothing and still reads what was committed.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly SegmentStore _store;
    private readonly IWalFile _log;
    private readonly FailureLatch _latch = new();
    private readonly TailIndex _index;
    private readonly TailReservation _reservation;
    private readonly WriteBack _writeBack;
    private readonly PositionTable _positions;
    private readonly CommitBuffer _staged;

    // The successor stands where this segment ends: not one record may come in between.
    private bool _hasSuccessor;

    /// <param name="store">Where the segment is.</param>
    /// <param name="log">Its log file, open for writing; this one's from here on.</param>
    /// <param name="header">The log file's header.</param>
    /// <param name="index">Its index file, open for writing; this one's from here on.</param>
    /// <param name="positions">Where its records are, all of them.</param>
    /// <param name="end">Where they end; all of them are durable.</param>
    internal SegmentWriter(
        SegmentStore store, IWalFile log, SegmentHeader header, SegmentIndexFile index, PositionTable positions,
        Watermark end)
    {
        Debug.Assert(positions.Count == end.NextOffset - header.BaseOffset, "each record has a position");
        (_store, _log, Header, _positions) = (store, log, header, positions);
        _index = new TailIndex(index, positions, _latch, end);
        _staged = new CommitBuffer(Frame.SaltState(header.Salt), store.Options.MaxCommitBytes);
        Records = new SegmentRecords(log, header, positions, end);
        _reservation = new TailReservation(
            store.Options.Flush == FlushPolicy.Always, log.LengthBytes, store.Options.ReservationBytes,
            store.Courtesies);
        _writeBack = new WriteBack(log, store.Courtesies);
        Durable = end;
        MaxSegmentBytes = store.Options.MaxSegmentBytes;
    }

    internal SegmentHeader Header { get; }

    /// <summary>What is on the disk for sure.</summary>
    internal Watermark Durable { get; private set; }

    /// <summary>What the operating system has.</summary>
    internal Watermark Committed => Records.End;

    /// <summary>The committed records, for the owner.</summary>
    internal SegmentRecords Records { get; }

    /// <summary>The records up to an end that was committed, for any thread, while this is open: they do not change.</summary>
    internal SegmentRecords RecordsUpTo(Watermark end) => new(_log, Header, _positions, end);

    /// <summary>The offset that the next staged record gets.</summary>
    internal long NextOffset => Header.BaseOffset + _positions.Count;

    /// <summary>Records with their frames, staged ones too.</summary>
    internal long SizeBytes => Committed.EndPosition + _staged.SizeBytes - SegmentHeader.SizeBytes;

    /// <summary>Why it takes nothing any more; null while it does.</summary>
    internal Exception? Latched => _latch.Cause;

    internal bool IsEmpty => _positions.Count == 0;

    /// <summary>What the catalog shows of it: committed records alone.</summary>
    internal SegmentInfo Info => new(
        SegmentName.Log(Header.BaseOffset), Header.BaseOffset, Committed.NextOffset - 1,
        Committed.EndPosition - SegmentHeader.SizeBytes, SegmentState.Active);

    /// <summary>The limit that is in force for this segment; it may change at any time.</summary>
    internal long MaxSegmentBytes { get; set; }

    /// <summary>Whether that many more bytes of frames stay within the limit. An empty segment takes anything: a record
    /// larger than the limit gets a segment of its own.</summary>
    internal bool HasRoomFor(long frameBytes) =>
        !_hasSuccessor && (IsEmpty || SizeBytes + frameBytes <= Math.Min(MaxSegmentBytes, WalOptions.LargestSegmentBytes - SegmentHeader.SizeBytes));

    /// <summary>Whether that many more bytes of frames may join the commit that is being staged.</summary>
    internal bool CommitHasRoomFor(long frameBytes) => _staged.SizeBytes == 0 || _staged.SizeBytes + frameBytes <= _store.Options.MaxCommitBytes;

    /// <summary>Takes a record into the next commit.</summary>
    /// <returns>Its offset.</returns>
    /// <exception cref="WalReadOnlyException">A failure is latched.</exception>
    internal long Stage(ReadOnlySpan<byte> payload, bool continues = false)
    {
        _latch.ThrowIfLatched();
        var (offset, position) = (NextOffset, Committed.EndPosition + _staged.SizeBytes);
        // Where there is no memory for the one, there is nothing of the other.
        _staged.Reserve(Frame.SizeOf(payload.Length));
        _positions.Add(position);
        _staged.Add(payload, offset, continues);
        return offset;
    }

    /// <summary>Takes records into the next commit, all or none of which will be there after a crash.</summary>
    /// <returns>The first one's offset.</returns>
    internal long StageBatch(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        var (first, stagedBytes) = (NextOffset, _staged.SizeBytes);
        try
        {
            for (var i = 0; i < payloads.Count; i++) Stage(payloads[i].Span, continues: i < payloads.Count - 1);
        }
        catch
        {
            // There was no memory for all of it: half a batch must not be written with what comes next.
            _staged.CutTo(stagedBytes);
            _positions.TrimTo((int)(first - Header.BaseOffset));
            throw;
        }
        return first;
    }

    /// <summary>Hands everything staged to the operating system, as one write.</summary>
    /// <exception cref="WalLackException">No room, say: nothing of it happened, the segment is as before and goes on.</exception>
    /// <exception cref="WalReadOnlyException">The directory is this owner's no more: nothing was changed.
    /// Latched.</exception>
    /// <exception cref="WalOutcomeUnknownException">The write failed: latched.</exception>
    internal void Commit()
    {
        _latch.ThrowIfLatched();
        if (_staged.SizeBytes == 0) return;
        ThrowIfLost();
        try
        {
            _reservation.Write(_log, Committed.EndPosition, _staged.Bytes, MaxSegmentBytes);
        }
        catch (WalIOException e)
        {
            if (!e.IsPassing) throw _latch.Latch(e);
            var stagedBytes = _staged.SizeBytes;
            CutBack(e);
            throw WalLackException.Of($"{stagedBytes} bytes could not be written and were cut off again: {e.Message}", e);
        }
        Records.End = new Watermark(NextOffset, Committed.EndPosition + _staged.SizeBytes);
        Debug.Assert(Durable.EndPosition <= Committed.EndPosition, "what is durable was committed");
        _staged.Clear();
        _writeBack.Start(Durable.EndPosition, Committed.EndPosition);
        _index.SaveFullBlocks();
    }

    /// <summary>Notes what a sync that is issued after this call will cover.</summary>
    internal Watermark BeginSync()
    {
        _latch.ThrowIfLatched();
        return Committed;
    }

    /// <summary>Syncs the log file. From any thread; its failure must be told to <see cref="FailSync"/>.</summary>
    /// <exception cref="WalIOException">The sync failed; or it did not, and the directory was lost meanwhile: what was
    /// written is in a directory that the next opening may not look into.</exception>
    internal void RunSync() => _latch.RunSync(() =>
    {
        _log.Sync();
        _store.ThrowIfLost(_log);
    });

    /// <summary>Moves the watermark. <see cref="PrepareNext"/> is to follow once whoever waits for the sync has its answer.</summary>
    internal void CompleteSync(Watermark covered)
    {
        Debug.Assert(covered.EndPosition <= Committed.EndPosition, "a sync covers what was committed before it");
        if (covered.EndPosition > Durable.EndPosition) Durable = covered;
    }

    /// <summary>
    /// What nobody waits for behind a sync: space ahead of the tail is made ready for the commits that follow, and the index learns of the watermark. A
    /// failure is latched.
    /// </summary>
    internal void PrepareNext()
    {
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
    /// Latches a sync, or a successor's opening, that failed. It is never tried again: the kernel may call pages clean
    /// that never reached the disk.
    /// </summary>
    internal WalOutcomeUnknownException FailSync(Exception cause) => _latch.Latch(cause);

    /// <summary>Latches a failed sync whose failure was not told. Before a seal or a stop, with no sync under way.</summary>
    /// <exception cref="WalOutcomeUnknownException">One failed.</exception>
    internal void ThrowIfSyncFailed() => _latch.ThrowIfSyncFailed();

    /// <summary>
    /// To be asked when its owner died, with no sync under way: whether a failure is latched, one that was not told
    /// included.
    /// </summary>
    internal bool EndedLatched() => _latch.LatchUntold();

    /// <summary>Syncs what is committed, on the caller's thread.</summary>
    internal void SyncNow()
    {
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

    /// <summary>Whether the index has a watermark that it was not synced with.</summary>
    internal bool IsWatermarkUnsynced => _index.IsWatermarkUnsynced;

    /// <summary>Syncs the watermark itself, so that a power cut leaves it no older than this. From any thread.</summary>
    internal void SyncWatermark() => _index.SyncWatermark();

    /// <summary>Lets go of memory that was not needed since the last call; true where there is more.</summary>
    internal bool Shrink() => _staged.Shrink();

    /// <summary>
    /// Seals the segment and makes its successor, in the order that leaves every crash one reading: (0) the successor's files are
    /// opened, under temporary names, (1) the log is cut to its end and synced, (2) its index completed and synced, (3) the successor
    /// put in place and its name synced, (4) the sealed mark written and synced. Whoever acknowledges in the successor has seen (4).
    /// </summary>
    /// <exception cref="WalLackException">Something was lacking: the roll can be tried again, and has to be where the successor was made:
    /// the segment then has room for nothing.</exception>
    /// <exception cref="WalReadOnlyException">The directory is this owner's no more: nothing was changed.
    /// Latched.</exception>
    /// <exception cref="WalOutcomeUnknownException">A step failed: latched.</exception>
    internal SealedSegment SealAndCreateSuccessor()
    {
        _latch.ThrowIfLatched();
        ThrowIfSyncFailed();
        if (_staged.SizeBytes > 0) throw new InvalidOperationException("records are staged: commit them first");
        ThrowIfLost();
        try
        {
            if (!_hasSuccessor)
            {
                using var successor = NewSegment.Prepare(_store, NextOffset);
                try
                {
                    Finish(IndexState.Active);
                }
                catch (WalIOException e) when (e.IsPassing)
                {
                    successor.Forget();
                    throw;
                }
                successor.Put();
                _hasSuccessor = true;
            }
            return WriteSealedMark();
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

    /// <summary>Completes the index and writes the mark of a segment whose successor exists already.</summary>
    /// <exception cref="WalIOException">A step failed: the next opening tries again.</exception>
    internal SealedSegment MarkSealed()
    {
        Finish(IndexState.Active);
        return WriteSealedMark();
    }

    /// <summary>
    /// A clean stop: everything committed is durable and the index complete, so that the next opening need not scan.
    /// Where the directory is this owner's no more, what is committed is synced and nothing is written.
    /// </summary>
    /// <exception cref="WalOutcomeUnknownException">A sync failed.</exception>
    internal void CloseCleanly()
    {
        if (Latched is null)
        {
            try
            {
                _store.ThrowIfLost(_log);
                Finish(IndexState.Clean);
            }
            catch (WalIOException e) when (e.IsNotOwned)
            {
                _latch.Latch(e);
                SyncLost();
            }
            catch (WalIOException e) when (e.IsPassing)
            {
                // No room for the index: the next opening scans. The records are what has to be on the disk.
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

    // The file must end where it ended before the commit, on the disk too: a half-written commit must not come back.
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
        // Nothing more is durable by this sync: one on another thread may have failed meanwhile, and only one of the two is told.
        _reservation.Reset(Committed.EndPosition);
        DropStaged();
    }

    private SealedSegment WriteSealedMark()
    {
        var sealedAt = _store.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        _index.WriteSealedMark(Durable, sealedAt);
        _store.MakeReadOnly(_log.Path);
        _store.MakeReadOnly(_store.IndexPath(Header.BaseOffset));
        return new SealedSegment(Header.BaseOffset, NextOffset, SizeBytes, SegmentState.Sealed, 0, sealedAt);
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
        if (_reservation.ReservedEnd > Committed.EndPosition)
        {
            _log.SetLength(Committed.EndPosition);
            _reservation.Reset(Committed.EndPosition);
        }
        _log.Sync();
        Durable = Committed;
        _index.Complete(state, Durable);
    }

    // Before anything is written, so that what was about to be definitely did not happen.
    private void ThrowIfLost()
    {
        try
        {
            _store.ThrowIfLost(_log);
        }
        catch (WalIOException e) when (e.IsNotOwned)
        {
            _latch.Latch(e);
            _latch.ThrowIfLatched();
        }
        catch (WalIOException e)
        {
            DropStaged();
            var message = $"it can't be told whether {_log.Path} is still this log's: {e.Message}";
            throw new WalLackException(message, e.Cause, e);
        }
    }

    private void DropStaged()
    {
        _positions.TrimTo((int)(Committed.NextOffset - Header.BaseOffset));
        _staged.Clear();
    }
}
