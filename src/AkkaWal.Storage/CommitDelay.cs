using System.Diagnostics;

namespace AkkaWal.Storage;

/// <summary>
/// Decides whether a commit waits a moment for writers that were just answered. When a sync is done, their next appends
/// are on the way but not here yet. A commit at that moment would leave them behind, and from then on half of the
/// writers would wait for the syncs of the other half. Owned by one thread at a time.
/// </summary>
/// <remarks>
/// The wait ends when the expected number of appends has come, when none came for <see cref="Patience"/>, and at the
/// latest after as long as the last sync took: a longer wait would cost all writers more than a second sync costs the
/// late ones. A single writer never waits, because no other append can come.
/// </remarks>
internal sealed class CommitDelay
{
    /// <summary>
    /// How long the next append of an answered writer takes to get here on a busy machine. Too short a time leaves
    /// writers behind, which costs more than one wait in vain. There is only one, because the next commit expects no
    /// more appends than came.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMicroseconds(200);

    private int _expected, _seen;
    private bool _nobodyCameMeanwhile;
    private long _until, _seenAt;

    /// <summary>
    /// Notes that a sync is done, with the number of answered requests and of those staged for the next commit.
    /// </summary>
    internal void Begin(int answered, int staged, TimeSpan syncTook, long now)
    {
        (_expected, _seen, _seenAt, _nobodyCameMeanwhile) = (answered + staged, staged, now, staged == 0);
        _until = now + (long)(syncTook.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>
    /// Whether a commit of this many requests contains all that can be expected: the last answered writers are back,
    /// and no other request came during their sync.
    /// </summary>
    internal bool IsComplete(int committed) => _nobodyCameMeanwhile && committed >= _expected;

    /// <summary>Whether to wait for more requests than are staged now.</summary>
    internal bool IsWorthIt(int staged, long now)
    {
        if (staged >= _expected || now >= _until) return false;
        if (staged > _seen) (_seen, _seenAt) = (staged, now);
        return Stopwatch.GetElapsedTime(_seenAt, now) < Patience;
    }
}
