namespace AkkaWal.Segment.Commit;

/// <summary>
/// How many commits a log made since somebody asked its tail for anything but an append. Kept by the actor of the
/// active segment; outlives rolls, and restarts of it and of the manager.
/// </summary>
internal sealed class TailActivity
{
    /// <summary>After so many commits the next request that is no append may be made to wait behind a sync.</summary>
    private const int EnoughCommits = 256;

    private long _commits;

    internal bool IsLong => Volatile.Read(ref _commits) > EnoughCommits;

    internal void NoteCommit() => Volatile.Write(ref _commits, Volatile.Read(ref _commits) + 1);

    internal void NoteQuestion() => Volatile.Write(ref _commits, 0);
}
