using System.Diagnostics;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// Whether a commit should wait a moment for writers that have just been answered. A writer that appends again as soon
/// as it is answered is on its way when its sync is done; a commit at that very moment leaves it behind, and
/// from then on half of the writers wait for the syncs of the other half. Owned by one thread at a time.
/// </summary>
/// <remarks>
/// The wait ends when as many have come as can be expected, when nobody came for <see cref="Patience"/>, and at the
/// latest after as long as the last sync took: waiting longer for all would cost more than a second sync for those who
/// are late. One writer alone never waits: nobody else can come.
/// </remarks>
internal sealed class CommitDelay
{
    /// <summary>
    /// How long it takes an answered writer's next append to get here, where it comes at once and the processors are
    /// busy. Those that a shorter wait leaves behind cost more than a wait for nobody, which comes once: the next
    /// commit expects no more than came.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMicroseconds(200);

    private int _expected, _seen;
    private bool _nobodyCameMeanwhile;
    private long _until, _seenAt;

    /// <summary>A sync is done, so many requests have been answered by now, and so many are staged.</summary>
    internal void Begin(int answered, int staged, TimeSpan syncTook, long now)
    {
        (_expected, _seen, _seenAt, _nobodyCameMeanwhile) = (answered + staged, staged, now, staged == 0);
        _until = now + (long)(syncTook.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>
    /// Whether a commit of so many requests has everybody: those who were answered last are back, and while they waited
    /// nobody else came. Nobody is expected before it is done, then.
    /// </summary>
    internal bool IsComplete(int committed) => _nobodyCameMeanwhile && committed >= _expected;

    /// <summary>Whether it is worth waiting for more than what is staged now.</summary>
    internal bool IsWorthIt(int staged, long now)
    {
        if (staged >= _expected || now >= _until) return false;
        if (staged > _seen) (_seen, _seenAt) = (staged, now);
        return Stopwatch.GetElapsedTime(_seenAt, now) < Patience;
    }
}
