namespace AkkaWal.Segment.Commit;

/// <summary>
/// Counts the commits since the last request that was not an append. Kept by the active segment's actor. Survives rolls
/// and the restarts of that actor and of the manager.
/// </summary>
internal sealed class TailActivity
{
    /// <summary>After this many commits the next request that is no append may have to wait behind a sync.</summary>
    private const int EnoughCommits = 256;

    private long _commits;

    internal bool IsLong => Volatile.Read(ref _commits) > EnoughCommits;

    internal void NoteCommit() => Volatile.Write(ref _commits, Volatile.Read(ref _commits) + 1);

    internal void NoteQuestion() => Volatile.Write(ref _commits, 0);
}
