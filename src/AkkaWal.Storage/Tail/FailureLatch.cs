namespace AkkaWal.Storage.Tail;

/// <summary>
/// The first failure that may have lost data. Once it is latched the segment takes nothing more, until the log is opened
/// anew. The owner's thread alone calls it, but for <see cref="RunSync"/>.
/// </summary>
internal sealed class FailureLatch
{
    // A sync failed, on another thread perhaps, and the owner may not have heard of it: it may stop, or seal, before the
    // news reach it.
    private volatile WalIOException? _failedSync;

    /// <summary>The failure; null while there is none.</summary>
    internal Exception? Cause { get; private set; }

    /// <summary>Latches a failure, where none is latched yet.</summary>
    /// <returns>The error to throw for it.</returns>
    internal WalOutcomeUnknownException Latch(Exception cause)
    {
        Cause ??= cause;
        var consequence = "the outcome is not known, and the log takes no more appends until it is opened anew";
        return new WalOutcomeUnknownException($"{cause.Message}; {consequence}", cause);
    }

    /// <exception cref="WalReadOnlyException">A failure is latched.</exception>
    internal void ThrowIfLatched()
    {
        if (Cause is { } cause) throw new WalReadOnlyException($"read-only after a failure: {cause.Message}", cause);
    }

    /// <summary>Runs a sync, on any thread, and remembers its failure until the owner asks.</summary>
    /// <exception cref="WalIOException">It failed.</exception>
    internal void RunSync(Action sync)
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

    /// <summary>Latches a failed sync whose failure was not told. With no sync under way.</summary>
    /// <exception cref="WalOutcomeUnknownException">One failed.</exception>
    internal void ThrowIfSyncFailed()
    {
        if (_failedSync is { } cause) throw Latch(cause);
    }

    /// <summary>Whether a failure is latched, one that was not told included. With no sync under way.</summary>
    internal bool LatchUntold() => (Cause ??= _failedSync) is not null;
}
