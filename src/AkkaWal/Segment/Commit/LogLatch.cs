namespace AkkaWal.Segment.Commit;

/// <summary>
/// Why a log takes no appends until it is opened anew: a write or a sync failed, or another owner has taken it over.
/// Set by the active segment's actor. Survives the restarts of that actor and of the manager, since a restart must not
/// recover on a disk that has failed.
/// </summary>
internal sealed class LogLatch
{
    private volatile Exception? _cause;

    internal string? Reason => _cause?.Message;

    /// <summary>The failure; null while there is none.</summary>
    internal Exception? Cause => _cause;

    internal void Set(Exception cause) => _cause ??= cause;
}
