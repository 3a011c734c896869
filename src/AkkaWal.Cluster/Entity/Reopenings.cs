namespace AkkaWal.Cluster.Entity;

/// <summary>
/// Says when a log that takes no appends after a failure is opened again. Each opening recovers the log, and achieves
/// nothing while the disk still fails. So the pause after an opening doubles, until the log was healthy for the longest
/// pause. Owned by one actor.
/// </summary>
internal sealed class Reopenings(TimeProvider clock)
{
    /// <summary>The shortest time between two openings.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    /// <summary>The longest time between two openings of a log to which clients send requests.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private long _openedAt = clock.GetTimestamp();
    private TimeSpan _pause = FirstPause;

    private TimeSpan SinceOpening => clock.GetElapsedTime(_openedAt);

    /// <summary>The log is being opened, for whatever reason.</summary>
    internal void NoteOpening() => _openedAt = clock.GetTimestamp();

    /// <summary>The log was found to take appends.</summary>
    internal void NoteHealthy()
    {
        if (SinceOpening >= LongestPause) _pause = FirstPause;
    }

    /// <summary>Whether to open a log again that was found to have failed. True counts as an opening.</summary>
    internal bool TryReopen()
    {
        if (SinceOpening < _pause) return false;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        NoteOpening();
        return true;
    }
}
