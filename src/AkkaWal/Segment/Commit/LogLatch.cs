namespace AkkaWal.Segment.Commit;

/// <summary>
/// Why a log takes no more appends until it is opened anew: a write or a sync failed, or it is another owner's. Set by
/// the actor of the active segment; outlives restarts of it and of the manager, whose next life must not recover on a
/// disk that has failed.
/// </summary>
internal sealed class LogLatch
{
    private volatile Exception? _cause;

    internal string? Reason => _cause?.Message;

    /// <summary>The failure; null while there is none.</summary>
    internal Exception? Cause => _cause;

    internal void Set(Exception cause) => _cause ??= cause;
}
