using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Tail;

// How a segment ends: sealed, with a successor, or closed to be opened again.
internal sealed partial class SegmentWriter
{
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
        ThrowIfLatched();
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
            throw Latch(e);
        }
    }

    /// <summary>Completes the index and writes the mark of a segment whose successor exists already.</summary>
    /// <exception cref="WalIOException">A step failed: the next opening tries again.</exception>
    internal SealedSegment MarkSealed()
    {
        Finish(IndexState.Active);
        return WriteSealedMark();
    }

    private SealedSegment WriteSealedMark()
    {
        var sealedAt = _store.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        _index.WriteSlot(IndexState.Sealed, Durable, sealedAt, _positions.Checksum());
        _index.Sync();
        _store.MakeReadOnly(_log.Path);
        _store.MakeReadOnly(_store.IndexPath(Header.BaseOffset));
        return new SealedSegment(Header.BaseOffset, NextOffset, SizeBytes, SegmentState.Sealed, 0, sealedAt);
    }

    /// <summary>
    /// A clean stop: everything committed is durable and the index complete, so that the next opening need not scan.
    /// Where the directory is this owner's no more, what is committed is synced and nothing is written.
    /// </summary>
    /// <exception cref="WalOutcomeUnknownException">A sync failed.</exception>
    internal void CloseCleanly()
    {
        if (_latched is null)
        {
            try
            {
                _store.ThrowIfLost(_log);
                Finish(IndexState.Clean);
            }
            catch (WalIOException e) when (e.IsNotOwned)
            {
                Latch(e);
                SyncLost();
            }
            catch (WalIOException e) when (e.IsPassing)
            {
                // No room for the index: the next opening scans. The records are what has to be on the disk.
                SyncNow();
            }
            catch (WalIOException e)
            {
                throw Latch(e);
            }
        }
        Dispose();
    }

    private void SyncLost()
    {
        try
        {
            _log.Sync();
        }
        catch (WalIOException e)
        {
            throw Latch(e);
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
        _index.SaveEntries(_positions, _positions.Count);
        _index.WriteSlot(state, Durable, 0, state == IndexState.Active ? 0 : _positions.Checksum());
        _index.Sync();
    }
}
