namespace AkkaWal.Storage.Tail;

/// <summary>
/// The first failure that may have lost data. Once it is latched the segment refuses appends until the log is opened
/// anew. For the owner's thread; <see cref="RunSync"/> is for any thread.
/// </summary>
internal sealed class FailureLatch
{
    // A sync failed, perhaps on another thread. Kept here because the owner may stop or seal before it gets that
    // report.
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

    /// <summary>Runs a sync, on any thread, and keeps its failure until the owner asks for it.</summary>
    /// <exception cref="WalIOException">The sync failed.</exception>
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

    /// <summary>Latches the failure of a sync that was not reported yet. With no sync under way.</summary>
    /// <exception cref="WalOutcomeUnknownException">A sync failed.</exception>
    internal void ThrowIfSyncFailed()
    {
        if (_failedSync is { } cause) throw Latch(cause);
    }

    /// <summary>Whether a failure is latched, one that was not reported yet included. With no sync under way.</summary>
    internal bool LatchUnreported() => (Cause ??= _failedSync) is not null;
}
