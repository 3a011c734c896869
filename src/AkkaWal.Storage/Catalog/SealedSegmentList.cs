using System.Collections;
using System.Diagnostics;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// The sealed segments of a log, oldest first, with a search by offset. For one thread while it changes; for any thread
/// once it does not change any more.
/// </summary>
internal sealed class SealedSegmentList : IReadOnlyList<SealedSegment>
{
    private readonly List<SealedSegment> _segments = [];

    // The same segments in the same order: a search among many segments touches less memory this way.
    private readonly List<OffsetRange> _ranges = [];

    private volatile SegmentTotals _totals = SegmentTotals.OfActive;

    internal SealedSegmentList(IEnumerable<SealedSegment> segments)
    {
        foreach (var segment in segments) Add(segment);
    }

    /// <summary>What they are together. For any thread at any time.</summary>
    internal SegmentTotals Totals => _totals;

    public int Count => _segments.Count;

    public SealedSegment this[int index] => _segments[index];

    public IEnumerator<SealedSegment> GetEnumerator() => _segments.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Adds a segment behind all others.</summary>
    internal void Add(SealedSegment segment)
    {
        Debug.Assert(segment.BaseOffset < segment.NextOffset, "a sealed segment has records");
        Debug.Assert(
            Count == 0 || _segments[^1].NextOffset <= segment.BaseOffset, "segments are sorted and do not overlap");
        _segments.Add(segment);
        _ranges.Add(segment.Range);
        _totals = _totals.With(segment, 1);
    }

    /// <summary>Replaces the segment that has the same offsets.</summary>
    internal void Replace(SealedSegment changed)
    {
        var index = IndexOf(changed.BaseOffset);
        Debug.Assert(index >= 0 && _ranges[index] == changed.Range, "a sealed segment keeps its offsets");
        _totals = _totals.With(_segments[index], -1).With(changed, 1);
        _segments[index] = changed;
    }

    /// <summary>Removes the segments whose base offset lies in one of the ranges.</summary>
    internal void RemoveIn(IReadOnlyList<OffsetRange> ranges)
    {
        _segments.RemoveAll(segment =>
        {
            var isGone = OffsetRanges.Contains(ranges, segment.BaseOffset);
            if (isGone) _totals = _totals.With(segment, -1);
            return isGone;
        });
        _ranges.RemoveAll(range => OffsetRanges.Contains(ranges, range.First));
    }

    /// <summary>The index of the segment that holds an offset; -1 where none does.</summary>
    internal int IndexOf(long offset)
    {
        var index = CountStartingAtOrBefore(offset) - 1;
        return index >= 0 && offset < _ranges[index].Next ? index : -1;
    }

    /// <summary>The lowest base offset that is not below an offset; null where there is none.</summary>
    internal long? NextStart(long offset)
    {
        var index = offset == long.MinValue ? 0 : CountStartingAtOrBefore(offset - 1);
        return index < Count ? _ranges[index].First : null;
    }

    /// <summary>The ranges of offsets between the segments, and up to the next offset, that no segment holds.</summary>
    internal IReadOnlyList<OffsetRange> Gaps(long nextOffset)
    {
        var gaps = new List<OffsetRange>();
        for (var i = 0; i < Count; i++)
        {
            var next = i + 1 < Count ? _ranges[i + 1].First : nextOffset;
            if (next > _ranges[i].Next) gaps.Add(new OffsetRange(_ranges[i].Next, next));
        }
        return gaps;
    }

    private int CountStartingAtOrBefore(long offset)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_ranges[middle].First <= offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
