namespace AkkaWal.Storage.Tail;

// How a failure is kept: a sync that failed, a write of unknown outcome, a directory that was lost.
internal sealed partial class SegmentWriter
{
    private void Remembering(Action sync)
    {
        try
        {
            sync();
        }
        catch (WalIOException e)
        {
            _failedSync = e;
            throw;
        }
    }

    private WalOutcomeUnknownException Latch(Exception cause)
    {
        _latched ??= cause;
        var consequence = "the outcome is not known, and the log takes no more appends until it is opened anew";
        return new WalOutcomeUnknownException($"{cause.Message}; {consequence}", cause);
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
            Latch(e);
            ThrowIfLatched();
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

    private void ThrowIfLatched()
    {
        if (_latched is { } cause) throw new WalReadOnlyException($"read-only after a failure: {cause.Message}", cause);
    }
}
