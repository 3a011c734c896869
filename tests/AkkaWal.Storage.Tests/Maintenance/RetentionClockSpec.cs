using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>No jump of the wall clock makes a segment look older than it is.</summary>
public sealed class RetentionClockSpec
{
    private sealed class TwoClocks : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

        public TimeSpan Elapsed { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Elapsed.Ticks;

        public void Advance(TimeSpan time) => (Wall, Elapsed) = (Wall + time, Elapsed + time);
    }

    private readonly TwoClocks _time = new();
    private int _count;

    private SealedSegment SealedNow() =>
        new(_count * 10, ++_count * 10, 100, SegmentState.Sealed, 0, _time.Wall.ToUnixTimeMilliseconds());

    private static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    [Fact]
    public void Age_should_be_the_time_since_the_seal_also_across_openings()
    {
        var old = SealedNow();
        _time.Advance(Hours(5));
        var clock = new RetentionClock(_time);
        _time.Advance(Hours(1));
        var young = SealedNow();
        clock.NoteSealed(young.BaseOffset);
        _time.Advance(Hours(2));
        Assert.Equal([Hours(8), Hours(2)], clock.AgesOf([old, young]));
    }

    [Fact]
    public void Clock_that_jumps_ahead_should_make_nothing_older()
    {
        var old = SealedNow();
        _time.Advance(Hours(1));
        var clock = new RetentionClock(_time);
        var before = SealedNow();
        clock.NoteSealed(before.BaseOffset);
        _time.Wall += TimeSpan.FromDays(3650);
        var after = SealedNow();
        clock.NoteSealed(after.BaseOffset);
        _time.Advance(Hours(1));
        Assert.Equal([Hours(2), Hours(1), Hours(1)], clock.AgesOf([old, before, after]));
    }

    [Fact]
    public void Clock_that_is_put_back_and_right_again_should_make_nothing_older()
    {
        var clock = new RetentionClock(_time);
        var first = SealedNow();
        clock.NoteSealed(first.BaseOffset);
        _time.Wall -= TimeSpan.FromDays(300);
        var second = SealedNow();
        clock.NoteSealed(second.BaseOffset);
        _time.Advance(Hours(1));
        Assert.All(clock.AgesOf([first, second]), age => Assert.True(age <= Hours(1)));
        _time.Wall += TimeSpan.FromDays(300);
        Assert.Equal([Hours(1), Hours(1)], clock.AgesOf([first, second]));
    }

    [Fact]
    public void Seal_while_the_clock_was_behind_should_count_as_no_earlier_than_the_seal_before_it()
    {
        var first = SealedNow();
        _time.Wall -= TimeSpan.FromDays(300);
        var second = SealedNow();
        _time.Wall += TimeSpan.FromDays(300);
        var clock = new RetentionClock(_time);
        _time.Advance(Hours(1));
        Assert.Equal([Hours(1), Hours(1)], clock.AgesOf([first, second]));
    }

    [Fact]
    public void Unknown_seal_time_should_count_as_that_of_the_next_one()
    {
        var known = SealedNow();
        var clock = new RetentionClock(_time);
        _time.Advance(Hours(1));
        Assert.Equal([Hours(1), Hours(1)], clock.AgesOf([known with { BaseOffset = -10, SealedAtUnixMs = 0 }, known]));
        Assert.Equal([Hours(1)], clock.AgesOf([known with { SealedAtUnixMs = 0 }]));
    }

    [Fact]
    public void Seal_while_the_clock_was_ahead_should_count_as_no_later_than_the_opening()
    {
        var before = SealedNow();
        _time.Advance(Hours(1));
        var wall = _time.Wall;
        _time.Wall = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var ahead = SealedNow();
        _time.Wall = wall + Hours(1);
        var after = SealedNow();
        var clock = new RetentionClock(_time);
        Assert.Equal([ahead], clock.SealedAhead([before, ahead, after]));
        _time.Advance(Hours(3));
        var young = SealedNow();
        clock.NoteSealed(young.BaseOffset);
        _time.Advance(Hours(1));
        Assert.Equal([Hours(6), Hours(4), Hours(4), Hours(1)], clock.AgesOf([before, ahead, after, young]));
    }

    [Fact]
    public void Clock_that_was_ahead_and_is_put_right_while_the_log_is_open_should_change_no_age()
    {
        var clock = new RetentionClock(_time);
        _time.Wall += TimeSpan.FromDays(3650);
        var ahead = SealedNow();
        clock.NoteSealed(ahead.BaseOffset);
        _time.Wall -= TimeSpan.FromDays(3650);
        _time.Advance(Hours(2));
        Assert.Equal([Hours(2)], clock.AgesOf([ahead]));
        Assert.Empty(clock.SealedAhead([ahead]));
    }

    [Fact]
    public void No_sequence_of_jumps_should_make_a_segment_older_than_it_is()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var clock = new RetentionClock(_time);
            var segments = new List<SealedSegment>();
            var sealedAt = new List<TimeSpan>();
            for (var step = 0; step < 40; step++)
            {
                _time.Advance(TimeSpan.FromMinutes(random.Next(60)));
                if (random.Next(3) == 0) _time.Wall += TimeSpan.FromHours(random.Next(-1000, 1000));
                if (random.Next(2) == 0)
                {
                    segments.Add(SealedNow());
                    sealedAt.Add(_time.Elapsed);
                    clock.NoteSealed(segments[^1].BaseOffset);
                }
                var ages = clock.AgesOf(segments);
                for (var i = 0; i < ages.Count; i++)
                    Assert.True(
                        ages[i] <= _time.Elapsed - sealedAt[i],
                        $"seed {seed}: {ages[i]} and not {_time.Elapsed - sealedAt[i]}");
            }
        }
    }
}
