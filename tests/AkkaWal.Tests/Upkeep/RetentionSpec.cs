using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Upkeep;

/// <summary>Retention at rolls and ticks, and the floors that consumers hold.</summary>
public sealed class RetentionSpec : LogSpec
{
    private static readonly WalOptions FiveEach = new() { MaxSegmentBytes = FiveTextsBytes };

    private const int LargeBytes = 500, LargestBytes = 900;

    /// <summary>Segments of five records of <see cref="LargeBytes"/>, or three of <see cref="LargestBytes"/>.</summary>
    private static readonly WalOptions FewLargeRecordsASegment = new() { MaxSegmentBytes = 3000 };

    private IActorRef Start(RetentionPolicy policy, TimeProvider? clock = null) => StartLog(
        FiveEach with { Clock = clock ?? TimeProvider.System },
        s => s with
        {
            Retention = policy, ArchiveDirectory = "/archive", RetentionCheckInterval = TimeSpan.FromHours(10),
        });

    private IReadOnlyList<SegmentInfo> SegmentsOf(IActorRef log) => Ask<SegmentList>(log, new GetSegments()).Segments;

    [Fact]
    public void Rolls_should_delete_the_oldest_beyond_the_limit_and_never_the_active_one()
    {
        var log = Start(new RetentionPolicy { MaxSegments = 2 });
        AppendTexts(log, 60);
        AwaitAssert(() => Assert.Equal(3, SegmentsOf(log).Count), Patience);
        var info = Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal(60, info.NextOffset);
        Assert.True(info.StartOffset >= 45);
        Assert.Equal("record 59", ReadText(log, 59));
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Read(0)).Kind);
    }

    [Fact]
    public void Tick_should_do_a_bounded_number_and_the_next_one_go_on()
    {
        var log = StartLog(FiveEach);
        AppendTexts(log, 52);
        StopLog(log);
        log = Start(new RetentionPolicy { MaxSegments = 1, MaxSegmentsPerCheck = 2 });
        Assert.Equal(11, SegmentsOf(log).Count);
        for (var left = 9; left >= 3; left -= 2)
        {
            log.Tell(new RetentionTick());
            AwaitAssert(() => Assert.Equal(left, SegmentsOf(log).Count), Patience);
        }
    }

    [Fact]
    public void Old_segments_should_be_compressed_and_archived()
    {
        var log = StartLog(FewLargeRecordsASegment, s => s with
        {
            Retention = new RetentionPolicy
            {
                CompressAfterRolls = 1, MaxSegments = 2, Action = RetentionAction.Archive,
            },
            ArchiveDirectory = "/archive",
        });
        for (var i = 0; i < 30; i++) Ask<Appended>(log, new Append(new byte[LargeBytes]));
        log.Tell(new RetentionTick());
        AwaitAssert(
            () =>
            {
                var segments = SegmentsOf(log);
                Assert.All(
                    segments.SkipLast(3),
                    s => Assert.Equal(SegmentState.Sealed | SegmentState.Compressed | SegmentState.Archived, s.State));
                Assert.True(segments.Count > 5);
            },
            Patience);
        for (var i = 0; i < 30; i++) Assert.Equal(LargeBytes, Ask<RecordRead>(log, new Read(i)).Payload.Length);
    }

    [Fact]
    public void What_does_not_shrink_should_be_archived_all_the_same_and_what_is_damaged_passed_over()
    {
        var log = StartLog(FewLargeRecordsASegment);
        var random = new Random(1);
        var payload = new byte[LargestBytes];
        for (var i = 0; i < 16; i++)
        {
            random.NextBytes(payload);
            Ask<Appended>(log, new Append(payload.ToArray()));
        }
        StopLog(log);
        Disk.Flip(Directory + "/00000003.log", 500, 1);
        log = StartLog(FewLargeRecordsASegment, s => s with
        {
            Retention = new RetentionPolicy
            {
                CompressAfterRolls = 1, MaxSegments = 1, Action = RetentionAction.Archive,
            },
            ArchiveDirectory = "/archive",
        });
        for (var i = 0; i < 3; i++) Tick(log);
        var states = SegmentsOf(log).Select(s => s.State).ToList();
        Assert.Equal(SegmentState.Sealed, states[1]);
        Assert.All(
            states.Where((_, i) => i != 1).SkipLast(2),
            s => Assert.Equal(SegmentState.Sealed | SegmentState.Archived | SegmentState.Incompressible, s));
    }

    [Fact]
    public void Age_should_count_from_the_seal_and_a_clock_that_jumps_should_delete_nothing()
    {
        var clock = new ManualClock();
        var log = Start(new RetentionPolicy { MaxAge = TimeSpan.FromDays(7) }, clock);
        AppendTexts(log, 12);
        clock.Wall += TimeSpan.FromDays(3650);
        Tick(log);
        clock.Advance(TimeSpan.FromDays(1));
        AppendTexts(log, 10, 12);
        clock.Advance(TimeSpan.FromDays(5.9));
        Tick(log);
        Assert.Equal(0, Ask<LogInfo>(log, new GetLogInfo()).StartOffset);
        clock.Advance(TimeSpan.FromDays(0.2));
        log.Tell(new RetentionTick());
        AwaitAssert(() => Assert.Equal(10, Ask<LogInfo>(log, new GetLogInfo()).StartOffset), Patience);
    }

    [Fact]
    public void No_segment_should_be_deleted_by_its_age_right_after_an_opening()
    {
        var clock = new ManualClock();
        var log = Start(new RetentionPolicy { MaxAge = TimeSpan.FromDays(7) }, clock);
        AppendTexts(log, 12);
        StopLog(log);
        clock.Wall += TimeSpan.FromDays(30);
        log = Start(new RetentionPolicy { MaxAge = TimeSpan.FromDays(7) }, clock);
        Tick(log);
        Assert.Equal(0, Ask<LogInfo>(log, new GetLogInfo()).StartOffset);
        clock.Advance(TimeSpan.FromHours(11));
        log.Tell(new RetentionTick());
        AwaitAssert(() => Assert.Equal(10, Ask<LogInfo>(log, new GetLogInfo()).StartOffset), Patience);
    }

    [Fact]
    public void Segment_that_was_sealed_under_a_clock_far_ahead_should_not_stop_retention_by_age()
    {
        var clock = new ManualClock();
        var right = clock.Wall;
        clock.Wall = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var policy = new RetentionPolicy { MaxAge = TimeSpan.FromDays(7) };
        var log = Start(policy, clock);
        AppendTexts(log, 12);
        StopLog(log);

        clock.Wall = right;
        log = Start(policy, clock);
        Tick(log);
        clock.Advance(TimeSpan.FromDays(6.9));
        EventFilter.Warning(contains: "2099-01-01").ExpectOne(Patience, () => Tick(log));
        Assert.Equal(0, Ask<LogInfo>(log, new GetLogInfo()).StartOffset);
        clock.Advance(TimeSpan.FromDays(0.2));
        log.Tell(new RetentionTick());
        AwaitAssert(() => Assert.Equal(10, Ask<LogInfo>(log, new GetLogInfo()).StartOffset), Patience);
    }

    [Fact]
    public void Floor_should_keep_records_from_retention_and_from_requests()
    {
        var log = Start(new RetentionPolicy { MaxSegments = 1 });
        Assert.Equal(new FloorHeld("replica", 7, 0, 3), Ask<FloorHeld>(log, new HoldFloor("replica", 7, 3)));
        AppendTexts(log, 52);
        AwaitAssert(() => Assert.Equal(5, Ask<LogInfo>(log, new GetLogInfo()).StartOffset), Patience);
        Assert.Equal("record 7", ReadText(log, 7));
        Assert.Contains(
            "'replica' needs everything from offset 7",
            Ask<RequestFailed>(log, new DeleteSegment("00000005.log")).Reason, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new TruncateBefore(50)).Kind);
        Assert.Equal(5, Ask<LogTruncated>(log, new TruncateBefore(9)).StartOffset);

        Ask<FloorHeld>(log, new HoldFloor("replica", 22));
        log.Tell(new RetentionTick());
        AwaitAssert(() => Assert.Equal(20, Ask<LogInfo>(log, new GetLogInfo()).StartOffset), Patience);
        Assert.Equal(20, Ask<FloorHeld>(log, new HoldFloor("late", 3)).StartOffset);
        Ask<FloorReleased>(log, new ReleaseFloor("late"));
        Ask<FloorReleased>(log, new ReleaseFloor("replica"));
        log.Tell(new RetentionTick());
        AwaitAssert(() => Assert.Equal(2, SegmentsOf(log).Count), Patience);
    }

    [Fact]
    public void Floor_should_refuse_what_is_none()
    {
        var log = StartLog();
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, new HoldFloor("", 1)).Kind);
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, new HoldFloor("x", -1)).Kind);
        Ask<FloorReleased>(log, new ReleaseFloor("nobody"));
    }

    [Fact]
    public void Policy_should_be_read_from_hocon()
    {
        var settings = WalSettings.FromConfig(ConfigurationFactory.ParseString("""
            akka-wal { archive.directory = "/archive", retention {
              max-bytes = 10 GiB, max-age = 7 days, max-segments = 100, action = archive
              compress-after-rolls = 3, check-interval = 5 s, max-segments-per-check = 4 } }
            """));
        Assert.Equal(
            new RetentionPolicy
            {
                MaxBytes = 10L << 30, MaxAge = TimeSpan.FromDays(7), MaxSegments = 100,
                Action = RetentionAction.Archive, CompressAfterRolls = 3, MaxSegmentsPerCheck = 4,
            },
            settings.Retention);
        Assert.Equal(
            ("/archive", TimeSpan.FromSeconds(5)), (settings.ArchiveDirectory, settings.RetentionCheckInterval));
    }

    [Theory]
    [InlineData("max-bytes = 0", "retention.max-bytes")]
    [InlineData("max-age = 0 s", "retention.max-age")]
    [InlineData("max-segments = 0", "retention.max-segments")]
    [InlineData("compress-after-rolls = 0", "retention.compress-after-rolls")]
    [InlineData("max-segments-per-check = 2000", "retention.max-segments-per-check")]
    [InlineData("check-interval = 0 s", "retention.check-interval")]
    [InlineData("action = shred", "retention.action")]
    [InlineData("action = archive", "archive.directory")]
    public void Illegal_value_should_be_refused_with_the_name_of_its_key(string hocon, string key) => Assert.Contains(
        $"akka-wal.{key}",
        Assert.ThrowsAny<ArgumentException>(
            () => WalSettings.FromConfig(
                ConfigurationFactory.ParseString($"akka-wal.retention {{ {hocon} }}"))).Message,
        StringComparison.Ordinal);

    // Sends a tick and returns when its operations are done. Maintenance requests are handled in order.
    private void Tick(IActorRef log)
    {
        log.Tell(new RetentionTick());
        Ask<LogTruncated>(log, new TruncateBefore(0));
    }
}
