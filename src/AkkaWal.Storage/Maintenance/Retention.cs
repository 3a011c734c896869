using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Decides what a retention policy asks for, by the catalog, the clock and the consumers' floor. Pure.
/// </summary>
internal static class Retention
{
    /// <summary>The failure number of a segment that must not be tried now.</summary>
    internal const long PassedOver = long.MaxValue;

    /// <summary>Decides what to do now, and in which order.</summary>
    /// <param name="policy">The limits.</param>
    /// <param name="segments">The sealed segments, oldest first.</param>
    /// <param name="ages">
    /// The least age of each segment, in their order, never increasing; null where age is not known yet.
    /// </param>
    /// <param name="floor">No record at or above this offset is deleted.</param>
    /// <param name="lastFailure">
    /// The number of the last failure of work on a segment, by its base offset; 0 where none failed. Work that failed
    /// comes last, the oldest failure first, so that it never displaces work that can be done.
    /// </param>
    internal static RetentionPlan Decide(
        RetentionPolicy policy, IReadOnlyList<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages, long floor,
        Func<long, long> lastFailure)
    {
        var budget = policy.MaxSegmentsPerCheck;
        var expired = CountExpired(policy, segments, ages);
        var truncateBefore = -1L;
        if (policy.Action == RetentionAction.Delete)
        {
            var deleted = segments.Take(Math.Min(expired, budget))
                .TakeWhile(segment => segment.NextOffset <= floor).ToList();
            if (deleted.Count > 0) truncateBefore = deleted[^1].NextOffset;
            budget -= deleted.Count;
        }
        var work = segments.Take(expired)
            .Where(segment => policy.Action == RetentionAction.Archive && !segment.IsArchived)
            .Select(segment => (Segment: segment, IsExpired: true));
        if (policy.CompressAfterRolls is { } rolls)
        {
            var young = segments.Take(segments.Count - rolls).Skip(expired).Where(IsPlain);
            work = work.Concat(young.Select(segment => (segment, false)));
        }
        var now = work.Select(item => (item.Segment, item.IsExpired, Failed: lastFailure(item.Segment.BaseOffset)))
            .Where(item => item.Failed != PassedOver).OrderBy(item => item.Failed).Take(budget).ToList();
        // A segment can't be compressed once it is in the archive, so one that is about to be archived is compressed
        // first.
        var compress = now.Where(item =>
            !item.IsExpired || (policy.CompressAfterRolls is not null && IsPlain(item.Segment)));
        var archive = now.Where(item => item.IsExpired);
        return new RetentionPlan(
            truncateBefore, [.. compress.Select(item => item.Segment)], [.. archive.Select(item => item.Segment)]);
    }

    // How many of the oldest segments exceed a limit. Where they are to be archived, archived ones do not count.
    private static int CountExpired(
        RetentionPolicy policy, IReadOnlyList<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages)
    {
        bool Counts(SealedSegment segment) => policy.Action == RetentionAction.Delete || !segment.IsArchived;
        long bytes = 0, count = 0;
        foreach (var segment in segments.Where(Counts)) (bytes, count) = (bytes + segment.OccupiedBytes, count + 1);
        var expired = 0;
        for (var i = 0; i < segments.Count; i++)
        {
            if (!Counts(segments[i])) continue;
            if (!(bytes > policy.MaxBytes || count > policy.MaxSegments || ages?[i] > policy.MaxAge)) break;
            (bytes, count) = (bytes - segments[i].OccupiedBytes, count - 1);
            expired = i + 1;
        }
        return expired;
    }

    private static bool IsPlain(SealedSegment segment) => segment.State == SegmentState.Sealed;
}

/// <summary>What a retention check does.</summary>
/// <param name="TruncateBefore">Delete the segments below this offset; -1 for none.</param>
/// <param name="Compress">Compress these segments.</param>
/// <param name="Archive">Archive these segments afterwards.</param>
internal sealed record RetentionPlan(
    long TruncateBefore, IReadOnlyList<SealedSegment> Compress, IReadOnlyList<SealedSegment> Archive)
{
    internal bool IsEmpty => TruncateBefore < 0 && Compress.Count == 0 && Archive.Count == 0;
}
