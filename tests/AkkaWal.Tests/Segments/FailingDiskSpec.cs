using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Segments;

/// <summary>The replies to senders when the disk fails.</summary>
public sealed class FailingDiskSpec : LogSpec
{
    private void FailOn(DiskOperationKind kind, DiskFault fault, string suffix = ".log") =>
        Disk.Faults = operation => operation.Kind == kind && operation.Path.EndsWith(suffix, StringComparison.Ordinal)
            ? fault : null;

    [Fact]
    public void Failed_sync_should_be_unknown_then_refuse_appends_while_reads_go_on()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        FailOn(DiskOperationKind.Sync, DiskFault.Error);
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, AppendOf("lost?")).Kind);
        Disk.Faults = null;
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
        Assert.Equal("record 2", ReadText(log, 2));
        // A record that may not be on the disk is not returned.
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Read(3)).Kind);
    }

    [Theory]
    [InlineData(DiskOperationKind.Sync)]
    [InlineData(DiskOperationKind.Write)]
    public void Texts_of_a_failure_should_say_no_more_than_their_kinds(DiskOperationKind kind)
    {
        var log = StartLog();
        AppendTexts(log, 1);
        FailOn(kind, DiskFault.Error);
        var probe = CreateTestProbe();
        log.Tell(AppendOf("unknown", 1), probe.Ref);
        log.Tell(new Read(1, 2), probe.Ref);
        log.Tell(new GetLogInfo(3), probe.Ref);
        var failures = Enumerable.Range(0, 3).Select(_ => probe.ExpectMsg<LogReply>(Patience)).OfType<RequestFailed>()
            .ToList();
        failures.Add(Ask<RequestFailed>(log, AppendOf("refused", 4)));
        Assert.Contains(failures, failed => failed.Kind == FailureKind.OutcomeUnknown);
        Assert.Contains(failures, failed => failed.Kind == FailureKind.Unavailable);
        Assert.All(failures, failed =>
            Assert.Equal(failed.Kind == FailureKind.OutcomeUnknown,
                failed.Reason.Contains("not known", StringComparison.Ordinal)));
    }

    [Fact]
    public void Failed_sync_should_come_to_life_again_with_a_new_opening()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        FailOn(DiskOperationKind.Sync, DiskFault.Error);
        Ask<RequestFailed>(log, AppendOf("lost?"));
        Disk.Faults = null;
        StopLog(log);
        log = StartLog();
        AppendTexts(log, 2, 3 + (int)Ask<LogInfo>(log, new GetLogInfo()).EntryCount - 3);
        Assert.Equal("record 0", ReadText(log, 0));
    }

    [Fact]
    public void Latched_failure_should_outlive_crashes_of_the_segments_actor_until_the_log_is_opened_anew()
    {
        var log = StartLog(adjust: s => s with { MaxRestarts = 1 });
        AppendTexts(log, 3);
        FailOn(DiskOperationKind.Sync, DiskFault.Error);
        Ask<RequestFailed>(log, AppendOf("lost?"));
        Disk.Faults = null;
        for (var i = 0; i < 3; i++)
        {
            Sys.ActorSelection($"{log.Path}/segment-00000000-1").Tell(Kill.Instance);
            var refused = Ask<RequestFailed>(log, AppendOf("refused"));
            Assert.Equal(FailureKind.Unavailable, refused.Kind);
            Assert.Contains("read-only after a failure", refused.Reason, StringComparison.Ordinal);
            Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, new SyncLog()).Kind);
            Assert.Contains("sync", Ask<LogInfo>(log, new GetLogInfo()).ReadOnlyReason, StringComparison.Ordinal);
            Assert.Equal("record 2", ReadText(log, 2));
            Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Read(3)).Kind);
        }
        StopLog(log);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
        log = StartLog();
        Assert.IsType<Appended>(Ask<LogReply>(log, AppendOf("taken")));
    }

    [Fact]
    public void Failed_write_should_be_unknown_and_latched()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        FailOn(DiskOperationKind.Write, DiskFault.Error.After(0.5));
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, AppendOf("torn")).Kind);
        Disk.Faults = null;
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
        Assert.Equal("record 0", ReadText(log, 0));
    }

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.OsCache)]
    public void Full_disk_should_abort_the_commit_and_go_on_when_there_is_room(FlushPolicy flush)
    {
        var log = StartLog(new WalOptions { Flush = flush });
        AppendTexts(log, 3);
        FailOn(DiskOperationKind.Write, DiskFault.NoSpace.After(0.5));
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, AppendOf("no room")).Kind);
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Read(3)).Kind);
        Disk.Faults = null;
        AppendTexts(log, 3, 3);
        Assert.Equal("record 3", ReadText(log, 3));
    }

    [Fact]
    public void Full_disk_whose_cut_fails_should_be_unknown_and_latched()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        Disk.Faults = operation => operation.Kind switch
        {
            DiskOperationKind.Write when operation.Name.EndsWith(".log", StringComparison.Ordinal) => DiskFault.NoSpace,
            DiskOperationKind.SetLength => DiskFault.Error,
            _ => null,
        };
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, AppendOf("no room")).Kind);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
    }

    [Theory]
    [InlineData("a new log")]
    [InlineData("a torn tail")]
    [InlineData("a lost index")]
    public void Opening_without_room_should_be_told_so_and_work_when_there_is(string what)
    {
        if (what != "a new log")
        {
            AppendTexts(StartLog(), 3);
            Disk = Disk.Kill();
            // Cut the reserved space, since the log could write there although the disk is full.
            byte[] torn = what == "a torn tail" ? [1, 2, 3] : [];
            Disk.Overwrite(
                Directory + "/00000000.log",
                [.. Disk.ReadAll(Directory + "/00000000.log").AsSpan(0, PositionOf(3)), .. torn]);
        }
        if (what == "a lost index") Disk.Lose(Directory + "/00000000.index");
        Disk.CapacityBytes = Disk.UsedBytes;
        var clock = new ManualClock();
        var log = StartLog(new WalOptions { Clock = clock });
        for (var i = 0; i < 3; i++)
        {
            foreach (var request in new LogRequest[] { AppendOf("x"), new Read(0), new GetSegments(),
                new SealActiveSegment() })
                Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, request).Kind);
            // It is time for another try.
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Disk.CapacityBytes = null;
        Ask<LogInfo>(log, new GetLogInfo());
        var held = what == "a new log" ? 0 : 3;
        AppendTexts(log, 2, held);
        for (var i = 0; i < held + 2; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Assert.Equal(
            what == "a torn tail" ? 1 : 0,
            Disk.Stat(Directory + "/set-aside") is null ? 0 : Disk.List(Directory + "/set-aside").Count);
    }

    [Fact]
    public void Roll_without_room_should_abort_what_waited_for_it_and_work_later()
    {
        var log = StartLog(new WalOptions { MaxSegmentBytes = 2 * TextFrameBytes });
        AppendTexts(log, 2);
        FailOn(DiskOperationKind.Write, DiskFault.NoSpace, ".tmp");
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, AppendOf("next segment")).Kind);
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
        Disk.Faults = null;
        AppendTexts(log, 3, 2);
        Assert.Equal([2, 2, 1], Ask<SegmentList>(log, new GetSegments()).Segments.Select(s => s.RecordCount));
    }

    [Fact]
    public void Roll_that_fails_should_refuse_what_waited_for_it()
    {
        var log = StartLog(new WalOptions { MaxSegmentBytes = 2 * TextFrameBytes });
        AppendTexts(log, 2);
        FailOn(DiskOperationKind.Rename, DiskFault.Error);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("next segment")).Kind);
        Assert.Equal("record 1", ReadText(log, 1));
    }

    [Fact]
    public void Interval_should_acknowledge_before_the_sync_and_sync_on_its_tick()
    {
        var log = StartLog(
            new WalOptions { Flush = FlushPolicy.Interval }, s => s with { FlushInterval = TimeSpan.FromHours(1) });
        AppendTexts(log, 3);
        Assert.False(Ask<LogInfo>(log, new GetLogInfo()).IsFullyDurable);
        Sys.ActorSelection($"{log.Path}/segment-00000000-1").Tell(new SyncTick());
        AwaitAssert(() => Assert.True(Ask<LogInfo>(log, new GetLogInfo()).IsFullyDurable), Patience);
    }

    [Fact]
    public void Sync_should_make_the_os_cache_durable_and_tell_how_far()
    {
        var log = StartLog(new WalOptions { Flush = FlushPolicy.OsCache });
        Assert.Equal(-1, Ask<LogSynced>(log, new SyncLog()).DurableOffset);
        AppendTexts(log, 3);
        Assert.False(Ask<LogInfo>(log, new GetLogInfo()).IsFullyDurable);
        Assert.Equal(2, Ask<LogSynced>(log, new SyncLog()).DurableOffset);
        Assert.True(Ask<LogInfo>(log, new GetLogInfo()).IsFullyDurable);
    }

    [Fact]
    public void Failed_background_sync_should_latch_and_fail_those_who_asked_for_it()
    {
        var log = StartLog(new WalOptions { Flush = FlushPolicy.OsCache });
        AppendTexts(log, 3);
        FailOn(DiskOperationKind.Sync, DiskFault.Error);
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, new SyncLog()).Kind);
        Disk.Faults = null;
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        Assert.Equal("record 2", ReadText(log, 2));
    }

    [Fact]
    public void Damaged_log_should_refuse_and_say_where()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        Disk = Disk.Kill();
        Disk.Flip(Directory + "/00000000.log", PositionOf(0) + Frame.HeaderBytes + 1, 1);
        log = StartLog();
        var failed = Ask<RequestFailed>(log, AppendOf("x"));
        Assert.Equal(FailureKind.Unavailable, failed.Kind);
        Assert.Contains("00000000.log is damaged at position 64", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Index_write_that_fails_behind_a_commit_should_latch_and_not_crash()
    {
        const int AppendCount = 5000;
        var log = StartLog();
        var failures = 0;
        Disk.Faults = operation => operation.Kind == DiskOperationKind.Write
            && operation.Name.EndsWith(".index", StringComparison.Ordinal)
            && operation.Position >= 1024 && failures++ == 0 ? DiskFault.Error : null;
        for (var i = 0; i < AppendCount; i++) log.Tell(AppendOf("x", i), TestActor);
        var replies = ReceiveN(AppendCount, Patience).Cast<LogReply>().ToList();
        Assert.Equal(Enumerable.Range(0, AppendCount).Select(i => (long)i), replies.Select(r => r.RequestId).Order());
        Assert.Contains(replies, r => r is RequestFailed { Kind: FailureKind.OutcomeUnknown });
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
    }

    [Fact]
    public void Roll_that_crashes_before_the_successors_name_is_synced_should_have_it_synced_before_it_goes_on()
    {
        var log = StartLog();
        AppendTexts(log, 2);
        var syncs = 0;
        Disk.Faults = operation => operation.Kind == DiskOperationKind.SyncDirectory && syncs++ == 0
            ? throw new InvalidOperationException("a crash for the test") : null;
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
        AppendTexts(log, 1, 2);
        Disk = Disk.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None));
        Assert.Equal("record 2", ReadText(StartLog(), 2));
    }

    [Fact]
    public void Recovery_that_crashes_each_time_should_end_in_refusing()
    {
        Disk.ReadFaults = (path, _) => path.EndsWith(".log", StringComparison.Ordinal)
            ? throw new InvalidOperationException("a crash for the test") : false;
        var log = StartLog(adjust: s => s with { MaxRestarts = 3 });
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
    }
}
