using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// The least age of segments, whatever the wall clock does. An error here must only make a segment younger than it is:
/// <code>
///   the clock jumps ahead            from the opening on, time goes no faster than the monotonic clock
///   the clock is put back            "now" is never later than the wall clock says
///   a segment was sealed while       a seal time counts as no earlier than those of older segments
///     the clock was behind
///   a segment was sealed while       a seal time later than the opening counts as that of the opening
///     the clock was ahead
///   a seal time is not known         the age is at least that of later segments, and the time that the log is open
///   a segment was sealed since       the age is measured by the monotonic clock alone
///     the opening
/// </code>
/// Only the wall clock tells how long the log was closed. It is read at the opening: where it was ahead then and is put
/// right later, time stands still until it has caught up. So nothing should be deleted by age right after an opening.
/// Owned by one thread.
/// </summary>
internal sealed class RetentionClock(TimeProvider clock)
{
    // Clocks are put right by small steps all the time; those are not worth a note.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly long _openedAtMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _openedAt = clock.GetTimestamp();
    private readonly Dictionary<long, long> _sealedSinceOpening = [];

    /// <summary>How long the log has been open.</summary>
    internal TimeSpan SinceOpening => clock.GetElapsedTime(_openedAt);

    /// <summary>Notes that a segment was sealed just now.</summary>
    internal void NoteSealed(long baseOffset) => _sealedSinceOpening[baseOffset] = clock.GetTimestamp();

    /// <summary>Notes that the segments below an offset were deleted.</summary>
    internal void ForgetBelow(long offset)
    {
        foreach (var baseOffset in _sealedSinceOpening.Keys.Where(b => b < offset).ToList())
            _sealedSinceOpening.Remove(baseOffset);
    }

    /// <summary>
    /// The segments that were sealed before the opening, with a time well after it. A clock was wrong, then or now.
    /// </summary>
    internal IReadOnlyList<SealedSegment> SealedAhead(IReadOnlyList<SealedSegment> segments) =>
        [.. segments.Where(segment => !_sealedSinceOpening.ContainsKey(segment.BaseOffset)
            && segment.SealedAtUnixMs > _openedAtMs + (long)Tolerance.TotalMilliseconds)];

    /// <summary>The least age of each segment, in the order of the segments; never negative.</summary>
    internal IReadOnlyList<TimeSpan> AgesOf(IReadOnlyList<SealedSegment> segments)
    {
        var sinceOpening = SinceOpening;
        var nowMs = Math.Min(clock.GetUtcNow().ToUnixTimeMilliseconds(),
            _openedAtMs + (long)sinceOpening.TotalMilliseconds);
        var ages = new TimeSpan[segments.Count];
        var latestMs = 0L;
        for (var i = 0; i < ages.Length; i++)
        {
            if (_sealedSinceOpening.TryGetValue(segments[i].BaseOffset, out var sealedAt))
            {
                ages[i] = clock.GetElapsedTime(sealedAt);
                continue;
            }
            latestMs = Math.Max(latestMs, Math.Min(segments[i].SealedAtUnixMs, _openedAtMs));
            var age = latestMs > 0 ? TimeSpan.FromMilliseconds(nowMs - latestMs) : TimeSpan.Zero;
            ages[i] = age > sinceOpening ? age : sinceOpening;
        }
        for (var i = ages.Length - 2; i >= 0; i--)
            if (ages[i] < ages[i + 1]) ages[i] = ages[i + 1];
        return ages;
    }
}
