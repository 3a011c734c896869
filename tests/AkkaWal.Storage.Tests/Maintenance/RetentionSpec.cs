using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>The operations of retention, for given catalogs, ages and floors.</summary>
public sealed class RetentionSpec
{
    private static readonly Func<long, long> NothingFailed = static _ => 0;

    // Segments of ten records and 100 bytes each.
    private static List<SealedSegment> Segments(int count, SegmentState state = SegmentState.Sealed) =>
        [.. Enumerable.Range(0, count).Select(i => new SealedSegment(i * 10, i * 10 + 10, 100, state, 40, 1000 + i))];

    private static RetentionPlan Decide(
        RetentionPolicy policy, List<SealedSegment> segments, IReadOnlyList<TimeSpan>? ages = null,
        long floor = long.MaxValue, Func<long, long>? lastFailure = null) =>
        Retention.Decide(policy, segments, ages, floor, lastFailure ?? NothingFailed);

    private static IEnumerable<long> Bases(IEnumerable<SealedSegment> segments) => segments.Select(s => s.BaseOffset);

    [Fact]
    public void Nothing_should_be_asked_for_by_default()
    {
        Assert.True(new RetentionPolicy().IsOff);
        Assert.True(
            Decide(new RetentionPolicy(), Segments(100), [.. Enumerable.Repeat(TimeSpan.MaxValue, 100)]).IsEmpty);
    }

    [Theory]
    [InlineData(1000, -1)]
    [InlineData(999, 10)]
    [InlineData(500, 50)]
    [InlineData(499, 60)]
    [InlineData(1, 100)]
    public void Max_bytes_should_delete_the_oldest_until_the_rest_fits(long maxBytes, long expected) =>
        Assert.Equal(expected, Decide(new RetentionPolicy { MaxBytes = maxBytes }, Segments(10)).TruncateBefore);

    [Fact]
    public void Max_bytes_should_count_compressed_segments_as_compressed() =>
        Assert.Equal(
            -1,
            Decide(
                new RetentionPolicy { MaxBytes = 400 }, Segments(10, SegmentState.Sealed | SegmentState.Compressed))
                .TruncateBefore);

    [Theory]
    [InlineData(10, -1)]
    [InlineData(9, 10)]
    [InlineData(1, 90)]
    public void Max_segments_should_delete_the_oldest(int maxSegments, long expected) =>
        Assert.Equal(expected, Decide(new RetentionPolicy { MaxSegments = maxSegments }, Segments(10)).TruncateBefore);

    [Fact]
    public void Max_age_should_delete_what_is_older_and_nothing_where_no_age_is_known()
    {
        var policy = new RetentionPolicy { MaxAge = TimeSpan.FromHours(1) };
        TimeSpan[] ages =
            [TimeSpan.FromHours(3), TimeSpan.FromHours(2), TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)];
        Assert.Equal(20, Decide(policy, Segments(4), ages).TruncateBefore);
        Assert.True(Decide(policy, Segments(4)).IsEmpty);
    }

    [Fact]
    public void Limits_should_add_up()
    {
        var policy = new RetentionPolicy { MaxBytes = 900, MaxSegments = 7, MaxAge = TimeSpan.FromHours(1) };
        Assert.Equal(30, Decide(policy, Segments(10)).TruncateBefore);
        TimeSpan[] ages = [.. Enumerable.Range(0, 10).Select(i => TimeSpan.FromMinutes(i < 5 ? 100 - i : 9 - i))];
        Assert.Equal(50, Decide(policy, Segments(10), ages).TruncateBefore);
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(9, -1)]
    [InlineData(10, 10)]
    [InlineData(45, 40)]
    [InlineData(1000, 50)]
    public void Floor_should_keep_its_segment_and_everything_behind(long floor, long expected) =>
        Assert.Equal(
            expected, Decide(new RetentionPolicy { MaxSegments = 5 }, Segments(10), floor: floor).TruncateBefore);

    [Fact]
    public void Check_should_touch_so_many_segments_and_no_more()
    {
        Assert.Equal(
            30, Decide(new RetentionPolicy { MaxSegments = 1, MaxSegmentsPerCheck = 3 }, Segments(100)).TruncateBefore);
        var plan = Decide(
            new RetentionPolicy { MaxSegments = 98, CompressAfterRolls = 2, MaxSegmentsPerCheck = 5 }, Segments(100));
        Assert.Equal(20, plan.TruncateBefore);
        Assert.Equal([20, 30, 40], Bases(plan.Compress));
    }

    [Fact]
    public void Compression_should_spare_the_newest_and_what_can_not_be_compressed()
    {
        var segments = Segments(6);
        segments[1] = segments[1] with { State = SegmentState.Sealed | SegmentState.Compressed };
        segments[2] = segments[2] with { State = SegmentState.Sealed | SegmentState.Incompressible };
        var plan = Decide(
            new RetentionPolicy { CompressAfterRolls = 2 }, segments,
            lastFailure: b => b == 0 ? Retention.PassedOver : 0);
        Assert.Equal([30], Bases(plan.Compress));
        Assert.True(Decide(new RetentionPolicy { CompressAfterRolls = 6 }, segments).IsEmpty);
        Assert.True(Decide(new RetentionPolicy { CompressAfterRolls = 60 }, segments).IsEmpty);
    }

    [Fact]
    public void Archive_should_move_what_exceeds_a_limit_compress_it_before_and_count_it_no_more()
    {
        var policy = new RetentionPolicy { MaxSegments = 3, Action = RetentionAction.Archive };
        var segments = Segments(6);
        Assert.Equal([0, 10, 20], Bases(Decide(policy, segments).Archive));
        Assert.Empty(Decide(policy, segments).Compress);
        Assert.Equal([0, 10, 20], Bases(Decide(policy with { CompressAfterRolls = 5 }, segments).Compress));

        segments[0] = segments[0] with { State = SegmentState.Sealed | SegmentState.Archived };
        segments[2] = segments[2] with { State = SegmentState.Sealed | SegmentState.Archived };
        Assert.Equal([10], Bases(Decide(policy, segments).Archive));
        Assert.Empty(Decide(policy, segments, lastFailure: b => b == 10 ? Retention.PassedOver : 0).Archive);
        // A floor prevents deletion, but not archiving.
        Assert.Equal([10], Bases(Decide(policy, segments, floor: 0).Archive));
    }

    [Fact]
    public void Illegal_values_should_be_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionPolicy { MaxBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionPolicy { MaxAge = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionPolicy { MaxSegments = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionPolicy { CompressAfterRolls = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionPolicy { MaxSegmentsPerCheck = 1025 });
    }

    [Fact]
    public void What_failed_should_come_behind_everything_else_the_longest_ago_first()
    {
        var failures = new Dictionary<long, long> { [0] = 7, [10] = 3, [20] = 5 };
        var policy = new RetentionPolicy { MaxSegments = 1, Action = RetentionAction.Archive, MaxSegmentsPerCheck = 4 };
        var plan = Decide(policy, Segments(6), lastFailure: b => failures.GetValueOrDefault(b));
        Assert.Equal([30, 40, 10, 20], Bases(plan.Archive));

        // The same in addition to another limit's operations.
        policy = new RetentionPolicy
        {
            MaxSegments = 5, Action = RetentionAction.Archive, CompressAfterRolls = 2, MaxSegmentsPerCheck = 2,
        };
        plan = Decide(policy, Segments(6), lastFailure: b => failures.GetValueOrDefault(b));
        Assert.Empty(plan.Archive);
        Assert.Equal([30, 10], Bases(plan.Compress));
    }
}
