using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Maintenance;

/// <summary>What a policy asks for, decided from what the catalog, the clock and the consumers say. Pure.</summary>
internal static class Retention
{
    /// <summary>What is to be done now, in order.</summary>
    /// <param name="policy">The limits.</param>
    /// <param name="segments">The sealed segments, oldest first.</param>
    /// <param name="ages">How old each of them is at least, oldest first, none older than the one before; null where age can't be judged yet.</param>
    /// <param name="floor">Nothing at or above this offset is deleted.</param>
    /// <param name="isStuck">Whether it was tried with a segment and can't be: it is passed over.</param>
    internal static RetentionPlan Decide(
        RetentionPolicy policy, IReadOnlyList<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages, long floor, Func<long, bool> isStuck)
    {
        var budget = policy.MaxSegmentsPerCheck;
        var expired = CountExpired(policy, segments, ages);
        var truncateBefore = -1L;
        var (compress, archive) = (new List<SealedSegment>(), new List<SealedSegment>());
        foreach (var segment in segments.Take(expired))
        {
            if (budget == 0) break;
            if (policy.Action == RetentionAction.Archive)
            {
                if (Is(segment, SegmentState.Archived) || isStuck(segment.BaseOffset)) continue;
                // In the archive it can't be compressed any more.
                if (policy.CompressAfterRolls is not null && IsPlain(segment)) compress.Add(segment);
                archive.Add(segment);
            }
            else if (segment.NextOffset > floor) break;
            else truncateBefore = segment.NextOffset;
            budget--;
        }
        if (policy.CompressAfterRolls is { } rolls)
        {
            foreach (var segment in segments.Take(segments.Count - rolls).Skip(expired))
            {
                if (budget == 0) break;
                if (!IsPlain(segment) || isStuck(segment.BaseOffset)) continue;
                compress.Add(segment);
                budget--;
            }
        }
        return new RetentionPlan(truncateBefore, compress, archive);
    }

    // The oldest so many exceed a limit. Where they are archived, those that already are count no more.
    private static int CountExpired(RetentionPolicy policy, IReadOnlyList<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages)
    {
        bool Counts(SealedSegment segment) => policy.Action == RetentionAction.Delete || !Is(segment, SegmentState.Archived);
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

    private static bool Is(SealedSegment segment, SegmentState state) => (segment.State & state) != 0;

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
