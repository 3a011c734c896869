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
internal sealed partial class SegmentWriter : IDisposable
{
    // So much that no sync has covered is worth a start.
    private const int WriteOutBytes = 4 << 20;

    private readonly SegmentStore _store;
    private readonly IWalFile _log;
    private readonly SegmentIndexFile _index;
    private readonly TailReservation _reservation;
    private readonly PositionTable _positions;
    private readonly CommitBuffer _staged;

    private long _writtenOut, _savedWatermark, _syncedWatermark;
    private Exception? _latched;

    // A sync failed, on another thread perhaps, and the owner may not have heard of it: it may stop, or seal, before the news reach it.
    private volatile WalIOException? _failedSync;

    // The successor stands where this segment ends: not one record may come in between.
    private bool _hasSuccessor;

    internal SegmentWriter(SegmentStore store, IWalFile log, SegmentHeader header, SegmentIndexFile index, PositionTable positions, Watermark end)
    {
        (_store, _log, Header, _index, _positions) = (store, log, header, index, positions);
        _staged = new CommitBuffer(Frame.SaltState(header.Salt), store.Options.MaxCommitBytes);
        Records = new RecordAccess(log, header, positions, end);
        _reservation = new TailReservation(store.Options.Flush == FlushPolicy.Always, log.LengthBytes, store.Options.ReservationBytes, store.Courtesies);
        Durable = end;
        _savedWatermark = _syncedWatermark = end.EndPosition;
        MaxSegmentBytes = store.Options.MaxSegmentBytes;
    }

    internal SegmentHeader Header { get; }

    /// <summary>What is on the disk for sure.</summary>
    internal Watermark Durable { get; private set; }

    /// <summary>What the operating system has.</summary>
    internal Watermark Committed => Records.End;

    /// <summary>The committed records, for the owner.</summary>
    internal RecordAccess Records { get; }

    /// <summary>The records up to an end that was committed, for any thread, while this is open: they do not change.</summary>
    internal RecordAccess RecordsUpTo(Watermark end) => new(_log, Header, _positions, end);

    /// <summary>The offset that the next staged record gets.</summary>
    internal long NextOffset => Header.BaseOffset + _positions.Count;

    /// <summary>Records with their frames, staged ones too.</summary>
    internal long SizeBytes => Committed.EndPosition + _staged.SizeBytes - SegmentHeader.SizeBytes;

    /// <summary>Why it takes nothing any more; null while it does.</summary>
    internal Exception? Latched => _latched;

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
        ThrowIfLatched();
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
        ThrowIfLatched();
        if (_staged.SizeBytes == 0) return;
        ThrowIfLost();
        try
        {
            _reservation.Write(_log, Committed.EndPosition, _staged.Bytes, MaxSegmentBytes);
        }
        catch (WalIOException e)
        {
            if (!e.IsPassing) throw Latch(e);
            var stagedBytes = _staged.SizeBytes;
            CutBack(e);
            throw WalLackException.Of($"{stagedBytes} bytes could not be written and were cut off again: {e.Message}", e);
        }
        Records.End = new Watermark(NextOffset, Committed.EndPosition + _staged.SizeBytes);
        _staged.Clear();
        BeginWriteOut();
        SaveFullIndexBlocks();
    }

    /// <summary>Notes what a sync that is issued after this call will cover.</summary>
    internal Watermark BeginSync()
    {
        ThrowIfLatched();
        return Committed;
    }

    /// <summary>Syncs the log file. From any thread; its failure must be told to <see cref="FailSync"/>.</summary>
    /// <exception cref="WalIOException">The sync failed; or it did not, and the directory was lost meanwhile: what was
    /// written is in a directory that the next opening may not look into.</exception>
    internal void RunSync() => Remembering(() =>
    {
        _log.Sync();
        _store.ThrowIfLost(_log);
    });

    /// <summary>Moves the watermark. <see cref="PrepareNext"/> is to follow once whoever waits for the sync has its answer.</summary>
    internal void CompleteSync(Watermark covered)
    {
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
            if (_latched is null) _reservation.Extend(_log, Committed.EndPosition + _staged.SizeBytes, MaxSegmentBytes);
        }
        catch (WalIOException e)
        {
            Latch(e);
        }
        SaveWatermark();
    }

    // Without a sync: what it says may be old, never ahead.
    private void SaveWatermark()
    {
        if (Durable.EndPosition == _savedWatermark) return;
        TryIndex(() => _index.WriteSlot(IndexState.Active, Durable));
        // In this order: whoever syncs the watermark takes its position first.
        Volatile.Write(ref _savedWatermark, Durable.EndPosition);
    }

    /// <summary>Latches a sync, or a successor's opening, that failed. It is never tried again: the kernel may call pages clean that never reached the disk.</summary>
    internal WalOutcomeUnknownException FailSync(Exception cause) => Latch(cause);

    /// <summary>Latches a failed sync whose failure was not told. To be called before a seal or a stop, with no sync under way.</summary>
    /// <exception cref="WalOutcomeUnknownException">One failed.</exception>
    internal void ThrowIfSyncFailed()
    {
        if (_failedSync is { } cause) throw Latch(cause);
    }

    /// <summary>To be asked when its owner died, with no sync under way: whether a failure is latched, one that was not told included.</summary>
    internal bool EndedLatched() => (_latched ??= _failedSync) is not null;

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
            throw Latch(e);
        }
        CompleteSync(end);
        PrepareNext();
    }

    /// <summary>Whether the index learned of a watermark that it was not synced with.</summary>
    internal bool IsWatermarkUnsynced => _savedWatermark > Volatile.Read(ref _syncedWatermark);

    /// <summary>Syncs the watermark itself, so that a power cut leaves it no older than this. From any thread.</summary>
    internal void SyncWatermark()
    {
        var position = Volatile.Read(ref _savedWatermark);
        Remembering(_index.Sync);
        Volatile.Write(ref _syncedWatermark, position);
    }

    /// <summary>Lets go of memory that was not needed since the last call; true where there is more.</summary>
    internal bool Shrink() => _staged.Shrink();

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
            throw Latch(cause);
        }
        // Nothing more is durable by this sync: one on another thread may have failed meanwhile, and only one of the two is told.
        _reservation.Reset(Committed.EndPosition);
        DropStaged();
    }

    // Where no sync follows each commit, the one that seals the segment would find all of it still to be written.
    private void BeginWriteOut()
    {
        var start = Math.Max(_writtenOut, Durable.EndPosition);
        if (Committed.EndPosition - start < WriteOutBytes) return;
        _store.Courtesies.Note(_log.BeginWriteOut(start, Committed.EndPosition - start));
        _writtenOut = Committed.EndPosition;
    }

    private void SaveFullIndexBlocks()
    {
        if (_positions.Count - _index.SavedEntries < SegmentIndexFile.BlockEntries) return;
        TryIndex(() => _index.SaveEntries(_positions, _positions.Count));
        // The records are with the operating system, and nothing will sync them.
        if (_latched is { } cause) throw Latch(cause);
    }

    // The index of an active segment may lag behind: what finds no room now is written at the seal.
    private void TryIndex(Action write)
    {
        try
        {
            write();
        }
        catch (WalIOException e) when (e.IsPassing)
        {
        }
        catch (WalIOException e)
        {
            Latch(e);
        }
    }
}
