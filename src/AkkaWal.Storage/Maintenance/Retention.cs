using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>What a policy asks for, decided from what the catalog, the clock and the consumers say. Pure.</summary>
internal static class Retention
{
    /// <summary>A segment that is not to be tried now.</summary>
    internal const long PassedOver = long.MaxValue;

    /// <summary>What is to be done now, in order.</summary>
    /// <param name="policy">The limits.</param>
    /// <param name="segments">The sealed segments, oldest first.</param>
    /// <param name="ages">How old each of them is at least, oldest first, none older than the one before; null where age can't be judged yet.</param>
    /// <param name="floor">Nothing at or above this offset is deleted.</param>
    /// <param name="lastFailure">
    /// The number of the last failure of work on a segment, by its base offset: 0 where none failed. What failed comes behind everything
    /// else, the longest ago first, so that it never takes the place of what can be done.
    /// </param>
    internal static RetentionPlan Decide(
        RetentionPolicy policy, IReadOnlyList<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages, long floor, Func<long, long> lastFailure)
    {
        var budget = policy.MaxSegmentsPerCheck;
        var expired = CountExpired(policy, segments, ages);
        var truncateBefore = -1L;
        if (policy.Action == RetentionAction.Delete)
        {
            var deleted = segments.Take(Math.Min(expired, budget)).TakeWhile(segment => segment.NextOffset <= floor).ToList();
            if (deleted.Count > 0) truncateBefore = deleted[^1].NextOffset;
            budget -= deleted.Count;
        }
        var work = segments.Take(expired).Where(segment => policy.Action == RetentionAction.Archive && !segment.IsArchived)
            .Select(segment => (Segment: segment, IsExpired: true));
        if (policy.CompressAfterRolls is { } rolls)
            work = work.Concat(segments.Take(segments.Count - rolls).Skip(expired).Where(IsPlain).Select(segment => (segment, false)));
        var now = work.Select(item => (item.Segment, item.IsExpired, Failed: lastFailure(item.Segment.BaseOffset)))
            .Where(item => item.Failed != PassedOver).OrderBy(item => item.Failed).Take(budget).ToList();
        // In the archive it can't be compressed any more.
        var compress = now.Where(item => !item.IsExpired || (policy.CompressAfterRolls is not null && IsPlain(item.Segment)));
        return new RetentionPlan(
            truncateBefore, [.. compress.Select(item => item.Segment)], [.. now.Where(item => item.IsExpired).Select(item => item.Segment)]);
    }

    // The oldest so many exceed a limit. Where they are archived, those that already are count no more.
    private static int CountExpired(RetentionPolicy policy, IReadOnlyList<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages)
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

/// <summary>What is to be done.</summary>
/// <param name="TruncateBefore">Delete the segments below this offset; -1 for none.</param>
/// <param name="Compress">Compress these.</param>
/// <param name="Archive">Then archive these.</param>
internal sealed record RetentionPlan(long TruncateBefore, IReadOnlyList<SealedSegment> Compress, IReadOnlyList<SealedSegment> Archive)
{
    internal bool IsEmpty => TruncateBefore < 0 && Compress.Count == 0 && Archive.Count == 0;
}
