using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests;

/// <summary>A log whose lock was lost without a word, and that another owner has taken over.</summary>
public sealed class TakenOverLogSpec : LogSpec
{
    private static readonly WalOptions Former = new() { Owner = "a" }, Next = new() { Owner = "b" };

    [Fact]
    public void Former_owner_should_refuse_appends_and_reads_of_the_tail_as_not_its_own()
    {
        var log = StartLog(Former);
        AppendTexts(log, 3);
        Disk.LoseLocks();
        using (var owner = SegmentedLog.Open(Directory, Next, Disk))
        {
            Assert.Equal(3, owner.Append("new"u8));
            owner.Commit();
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, AppendOf("late")).Kind);
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, AppendOf("later")).Kind);
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new Read(1)).Kind);
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new ReadBatch(0)).Kind);
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
            // It may be asked for it again, and stays refused until it is opened anew.
            StopLog(log);
            log = StartLog(Former);
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new Read(1)).Kind);
        }
        StopLog(log);
        log = StartLog(Former);
        AppendTexts(log, 1, 4);
        Assert.Equal(["record 0", "record 1", "record 2", "new", "record 4"],
            Enumerable.Range(0, 5).Select(offset => ReadText(log, offset)));
    }

    [Fact]
    public void Former_owner_should_not_tell_the_end_of_the_log_before_it_finds_out_by_an_append()
    {
        var log = StartLog(Former);
        AppendTexts(log, 3);
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        owner.Append("new"u8);
        owner.Commit();
        var unexpected = AppendOf("x") with { ExpectedOffset = 4 };
        LogRequest[] questions =
            [new GetLogInfo(), new GetSegments(), new Read(3), new Locate(3), new ReadBatch(3), unexpected];
        foreach (var question in questions)
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, question).Kind);
    }

    [Fact]
    public void Former_owner_should_promise_nothing_about_a_log_that_is_not_its_own()
    {
        var log = StartLog(Former);
        AppendTexts(log, 3);
        var waiter = CreateTestProbe();
        log.Tell(new AwaitRecord(3, 7) { MaxWait = Patience }, waiter.Ref);
        Ask<SegmentLimitSet>(log, new SetSegmentLimit(1 << 20));
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        LogRequest[] requests = [new SyncLog(), new AwaitRecord(0), new AwaitRecord(3), new HoldFloor("billing", 0)];
        foreach (var request in requests)
            Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, request).Kind);
        // The end of a wait's time tells the end of the log, too.
        Sys.ActorSelection($"{log.Path}/segment-*").Tell(new WaitTick());
        var refusal = waiter.ExpectMsg<RequestFailed>(Patience);
        Assert.Equal((FailureKind.NotOwned, 7), (refusal.Kind, refusal.RequestId));
    }

    [Fact]
    public void Cancelled_wait_should_not_tell_the_end_of_a_log_that_was_taken_over()
    {
        var log = StartLog(Former);
        AppendTexts(log, 3);
        log.Tell(new AwaitRecord(3, 7) { MaxWait = Patience }, TestActor);
        Ask<SegmentLimitSet>(log, new SetSegmentLimit(1 << 20));
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        log.Tell(new CancelWait(7, 8), TestActor);
        ExpectFailure(7, FailureKind.NotOwned);
        ExpectMsg(new WaitCancelled(7, 8), Patience);
    }

    [Fact]
    public void Floor_should_be_held_without_another_check_for_a_second()
    {
        var clock = new ManualClock();
        var log = StartLog(Former with { Clock = clock });
        AppendTexts(log, 3);
        Ask<FloorHeld>(log, new HoldFloor("billing", 0));
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        Ask<FloorHeld>(log, new HoldFloor("billing", 1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new HoldFloor("billing", 2)).Kind);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new HoldFloor("billing", 3)).Kind);
    }

    [Fact]
    public void Wait_whose_time_is_up_should_be_refused_alone_while_the_owner_cannot_be_told()
    {
        // Each wait is checked once when it comes, and the third check is that of the tick.
        var checks = 0;
        var files = new FaultyFiles(Disk);
        var log = StartLog(Former, files: files);
        AppendTexts(log, 3);
        files.Faults = call => IsOwnershipCheck(call) && ++checks > 2 ? DiskFault.NoDescriptors : null;
        log.Tell(new AwaitRecord(3, 1) { MaxWait = Patience }, TestActor);
        log.Tell(new AwaitRecord(3, 2) { MaxWait = TimeSpan.FromMilliseconds(1) }, TestActor);
        ExpectFailure(2, FailureKind.Aborted);
        files.Faults = null;
        AppendTexts(log, 1, 3);
        ExpectMsg(new RecordAwaited(4, 1), Patience);
    }

    [Fact]
    public void Read_that_fails_should_give_its_own_reason_while_the_owner_cannot_be_told()
    {
        var files = new FaultyFiles(Disk);
        var log = StartLog(Former, files: files);
        AppendTexts(log, 3);
        Ask<SegmentSealed>(log, new SealActiveSegment());
        Ask<LogInfo>(log, new GetLogInfo());
        files.Faults = call => IsOwnershipCheck(call) ? DiskFault.NoDescriptors
            : call.Path.EndsWith("00000000.log", StringComparison.Ordinal) ? DiskFault.Error : null;
        var refusal = Ask<RequestFailed>(log, new Read(0));
        Assert.Contains(DiskFault.Error.Reason, refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_that_has_records_of_a_sealed_segment_should_be_answered_with_them()
    {
        var log = StartLog(Former);
        AppendTexts(log, 3);
        Ask<SegmentSealed>(log, new SealActiveSegment());
        // The successor has its file open and locked.
        Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal("record 0", ReadText(log, 0));
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        Assert.Equal(3, Ask<BatchRead>(log, new ReadBatch(0)).Payloads.Count);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new ReadBatch(3)).Kind);
        Assert.Equal(3, Ask<BatchRead>(log, new ReadBatch(0)).Payloads.Count);
    }

    [Fact]
    public void Read_of_a_segment_that_the_new_owner_has_moved_should_be_refused_as_not_its_own()
    {
        var log = StartLog(Former);
        AppendTexts(log, 3);
        Ask<SegmentSealed>(log, new SealActiveSegment());
        Ask<LogInfo>(log, new GetLogInfo());
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new Read(0)).Kind);
    }

    [Fact]
    public void Operation_on_a_log_that_was_taken_over_should_be_refused_as_not_its_own()
    {
        var log = StartRestartedLog(new WalSettings { Directory = Directory, Options = Former });
        AppendTexts(log, 3);
        Ask<SegmentSealed>(log, new SealActiveSegment());
        // The successor has its file open and locked.
        Ask<LogInfo>(log, new GetLogInfo());
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, AppendOf("late")).Kind);
        var compress = new CompressSegment("00000000.log");
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, compress).Kind);
        // The restarted actor of the segment remembers why it refuses.
        Sys.ActorSelection($"{log.Path}/segment-00000003-2").Tell(Kill.Instance);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, AppendOf("later")).Kind);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, compress).Kind);
    }

    [Fact]
    public void Append_in_flight_at_a_takeover_should_be_answered_as_unknown()
    {
        var log = StartLog(Former);
        AppendTexts(log, 1);
        using var gate = Disk.Hold(DiskOperationKind.Sync, "epochs/1/00000000.log");
        log.Tell(AppendOf("in flight"), TestActor);
        gate.AwaitReached();
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        gate.Dispose();
        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>(Patience).Kind);
        // It was written before the takeover.
        Assert.Equal("in flight"u8.ToArray(), owner.Read(1));
    }

    private static bool IsOwnershipCheck(FileCall call) => call.Path.EndsWith(".claim", StringComparison.Ordinal);
}
