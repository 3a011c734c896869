namespace AkkaWal.Storage.Format;

/// <summary>
/// Lists of ranges: in order, none empty, no two touching. The lists are not changed; new ones are made.
/// </summary>
internal static class OffsetRanges
{
    /// <summary>The most ranges that a text lists; the others are counted.</summary>
    private const int MaxRangesNamed = 8;

    /// <summary>The ranges with one added, which may touch or overlap others.</summary>
    internal static List<OffsetRange> Add(IReadOnlyList<OffsetRange> ranges, OffsetRange added)
    {
        var merged = new List<OffsetRange>(ranges.Count + 1);
        foreach (var range in ranges)
        {
            if (range.Next < added.First) merged.Add(range);
            else if (range.First > added.Next)
            {
                merged.Add(added);
                added = range;
            }
            else added = new OffsetRange(Math.Min(range.First, added.First), Math.Max(range.Next, added.Next));
        }
        merged.Add(added);
        return merged;
    }

    /// <summary>The ranges without the offsets of another one.</summary>
    internal static List<OffsetRange> Remove(IReadOnlyList<OffsetRange> ranges, OffsetRange removed)
    {
        var left = new List<OffsetRange>(ranges.Count + 1);
        foreach (var range in ranges)
        {
            var before = new OffsetRange(range.First, Math.Min(range.Next, removed.First));
            var behind = new OffsetRange(Math.Max(range.First, removed.Next), range.Next);
            if (before.First < before.Next) left.Add(before);
            if (behind.First < behind.Next) left.Add(behind);
        }
        return left;
    }

    /// <summary>Whether one of the ranges holds an offset.</summary>
    internal static bool Contains(IReadOnlyList<OffsetRange> ranges, long offset)
    {
        var (low, high) = (0, ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (offset < ranges[middle].First) high = middle - 1;
            else if (offset >= ranges[middle].Next) low = middle + 1;
            else return true;
        }
        return false;
    }

    /// <summary>The end of the range that holds an offset; the offset itself where none does.</summary>
    internal static long Behind(IReadOnlyList<OffsetRange> ranges, long offset)
    {
        foreach (var range in ranges)
            if (range.Contains(offset)) return range.Next;
        return offset;
    }

    /// <summary>What is left of a range without some gaps, as text for operators: "0 to 99, 200 to 350".</summary>
    internal static string TextWithout(OffsetRange whole, IReadOnlyList<OffsetRange> gaps)
    {
        var left = new List<string>();
        var first = whole.First;
        foreach (var gap in gaps)
        {
            if (gap.First >= whole.Next) break;
            if (gap.First > first) left.Add($"{first} to {gap.First - 1}");
            first = Math.Max(first, gap.Next);
        }
        if (first < whole.Next) left.Add($"{first} to {whole.Next - 1}");
        // Names the newest ranges, which are the most likely to be asked for.
        var untold = left.Count - MaxRangesNamed;
        return untold > 0 ? $"{untold} ranges, and {string.Join(", ", left.Skip(untold))}" : string.Join(", ", left);
    }
}

/// <summary>A range of offsets.</summary>
/// <param name="First">The first offset in it.</param>
/// <param name="Next">The offset that follows its last one.</param>
internal readonly record struct OffsetRange(long First, long Next)
{
    internal bool Contains(long offset) => offset >= First && offset < Next;
}
