using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// How old segments are at least, whatever the wall clock does. An error here may only make a segment younger than it is:
/// <code>
///   the clock jumps ahead            from the opening on, time goes no faster than the monotonic clock
///   the clock is put back            "now" is never later than the wall clock says
///   a segment was sealed while       seal times count as if none were before an older segment's
///     the clock was behind
///   a segment was sealed while       a seal time beyond the opening counts as that of the opening
///     the clock was ahead
///   a seal time is not known         it is at least as old as those sealed after it, and as long as the log is open
///   a segment was sealed in this     it is as old as the monotonic clock says, whatever the wall clock did meanwhile
///     life
/// </code>
/// How long the log was closed is told by the wall clock alone, at the opening: where that one was ahead just then,
/// time stands still as soon as it is put right. So nothing should be judged by age right after an opening. Owned by
/// one thread.
/// </summary>
internal sealed class RetentionClock(TimeProvider clock)
{
    // By how much clocks are put right without anybody having to know.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly long _openedAtMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _openedAt = clock.GetTimestamp();
    private readonly Dictionary<long, long> _sealedInThisLife = [];

    /// <summary>How long the log has been open.</summary>
    internal TimeSpan SinceOpening => clock.GetElapsedTime(_openedAt);

    /// <summary>A segment was sealed just now.</summary>
    internal void NoteSealed(long baseOffset) => _sealedInThisLife[baseOffset] = clock.GetTimestamp();

    /// <summary>The segments below an offset are gone.</summary>
    internal void ForgetBelow(long offset)
    {
        foreach (var baseOffset in _sealedInThisLife.Keys.Where(b => b < offset).ToList()) _sealedInThisLife.Remove(baseOffset);
    }

    /// <summary>
    /// The segments that were sealed before the opening and bear a time well behind it: a clock was wrong, then or now.
    /// </summary>
    internal IReadOnlyList<SealedSegment> SealedAhead(IReadOnlyList<SealedSegment> segments) =>
        [.. segments.Where(segment => !_sealedInThisLife.ContainsKey(segment.BaseOffset)
            && segment.SealedAtUnixMs > _openedAtMs + (long)Tolerance.TotalMilliseconds)];

    /// <summary>The least age of each segment, in their order; never negative.</summary>
    internal IReadOnlyList<TimeSpan> AgesOf(IReadOnlyList<SealedSegment> segments)
    {
        var sinceOpening = SinceOpening;
        var nowMs = Math.Min(clock.GetUtcNow().ToUnixTimeMilliseconds(),
            _openedAtMs + (long)sinceOpening.TotalMilliseconds);
        var ages = new TimeSpan[segments.Count];
        var latestMs = 0L;
        for (var i = 0; i < ages.Length; i++)
        {
            if (_sealedInThisLife.TryGetValue(segments[i].BaseOffset, out var sealedAt))
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
