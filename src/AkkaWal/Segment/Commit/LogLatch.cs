namespace AkkaWal.Segment.Commit;

/// <summary>
/// Why a log takes no more appends until it is opened anew: a write or a sync failed. Set by the actor of the active
/// segment; outlives restarts of it and of the manager, whose next life must not recover on a disk that has failed.
/// </summary>
internal sealed class LogLatch
{
    private volatile string? _reason;

    internal string? Reason => _reason;

    internal void Set(string reason) => _reason ??= reason;
}
