using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Clients;

/// <summary>
/// An asker that waits for the next record is answered once, also if the segment rolls, fails or stops.
/// </summary>
public sealed class AwaitRecordSpec : LogSpec
{
    private void Await(IActorRef log, long offset, long id = 0)
    {
        log.Tell(new AwaitRecord(offset, id) { MaxWait = Patience }, TestActor);
        AwaitForwarded(log);
    }

    /// <summary>
    /// No wait has been answered: the segment's next message is the reply to a read, which waits for no commit and no
    /// roll.
    /// </summary>
    private void ExpectNoWaitAnswered(IActorRef log)
    {
        log.Tell(new Read(0, 9999), TestActor);
        Assert.Equal(9999, ExpectMsg<RecordRead>(Patience).RequestId);
    }

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.Interval)]
    [InlineData(FlushPolicy.OsCache)]
    public void Wait_should_be_answered_by_the_record_that_it_is_for(FlushPolicy flush)
    {
        var log = StartLog(new WalOptions { Flush = flush });
        AppendTexts(log, 2);
        Await(log, 1, 1);
        ExpectMsg(new RecordAwaited(2, 1), Patience);
        Await(log, 3, 2);
        AppendTexts(log, 1, 2);
        ExpectNoWaitAnswered(log);
        AppendTexts(log, 1, 3);
        ExpectMsg(new RecordAwaited(4, 2), Patience);
        AppendTexts(log, 1, 4);
        ExpectNoWaitAnswered(log);
    }

    [Fact]
    public void Wait_should_not_be_answered_before_the_record_is_durable()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        Await(log, 1, 1);
        using var gate = Disk.Hold(DiskOperationKind.Sync, ".log");
        log.Tell(AppendOf("record 1"), ActorRefs.Nobody);
        gate.AwaitReached();
        ExpectNoWaitAnswered(log);
        gate.Open();
        ExpectMsg(new RecordAwaited(2, 1), Patience);
    }

    [Fact]
    public void Wait_should_end_when_its_time_is_up()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        Await(log, 1, 1);
        log.Tell(new AwaitRecord(1, 2) { MaxWait = TimeSpan.FromMilliseconds(1) }, TestActor);
        log.Tell(new AwaitRecord(7, 3) { MaxWait = TimeSpan.FromMilliseconds(30) }, TestActor);
        ExpectMsg(new RecordAwaited(1, 2), Patience);
        ExpectMsg(new RecordAwaited(1, 3), Patience);
        AppendTexts(log, 1, 1);
        ExpectMsg(new RecordAwaited(2, 1), Patience);
    }

    [Fact]
    public void Waits_should_be_bounded_and_all_answered_by_one_record()
    {
        var log = StartLog();
        for (var i = 1; i <= AwaitRecord.MostWaits; i++)
            log.Tell(new AwaitRecord(0, i) { MaxWait = Patience }, TestActor);
        Await(log, 0, 9999);
        ExpectFailure(9999, FailureKind.Unavailable);
        AppendTexts(log, 1);
        var told = ReceiveN(AwaitRecord.MostWaits, Patience).Cast<RecordAwaited>().ToList();
        Assert.Equal(AwaitRecord.MostWaits, told.Select(one => one.RequestId).Distinct().Count());
        Assert.All(told, one => Assert.Equal(1, one.NextOffset));
        // There is room again.
        Await(log, 1, 1);
        AppendTexts(log, 1, 1);
        ExpectMsg(new RecordAwaited(2, 1), Patience);
    }

    [Fact]
    public void Cancelled_wait_should_be_answered_at_once_and_make_room_and_leave_the_others_alone()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        for (var i = 1; i <= AwaitRecord.MostWaits; i++)
            log.Tell(new AwaitRecord(1, i) { MaxWait = Patience }, TestActor);
        // Another asker's wait has the same id.
        var other = CreateTestProbe();
        log.Tell(new CancelWait(7, 1), other.Ref);
        other.ExpectMsg(new WaitCancelled(7, 1), Patience);
        ExpectNoWaitAnswered(log);
        log.Tell(new CancelWait(7, 9000), TestActor);
        ExpectMsg(new RecordAwaited(1, 7), Patience);
        ExpectMsg(new WaitCancelled(7, 9000), Patience);
        log.Tell(new CancelWait(7, 9001), TestActor);
        ExpectMsg(new WaitCancelled(7, 9001), Patience);
        log.Tell(new AwaitRecord(1, 5000) { MaxWait = Patience }, TestActor);
        AppendTexts(log, 1, 1);
        var told = ReceiveN(AwaitRecord.MostWaits, Patience).Cast<RecordAwaited>().Select(one => one.RequestId);
        Assert.Equal(
            Enumerable.Range(1, AwaitRecord.MostWaits).Select(i => (long)i).Where(i => i != 7).Append(5000),
            told.Order());
    }

    [Fact]
    public void Cancel_that_comes_while_the_segment_rolls_should_find_the_wait_behind_the_roll()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        using var gate = Disk.Hold(DiskOperationKind.Sync, ".log");
        log.Tell(new SealActiveSegment(), ActorRefs.Nobody);
        gate.AwaitReached();
        Await(log, 1, 1);
        log.Tell(new CancelWait(1, 2), TestActor);
        AwaitForwarded(log);
        ExpectNoWaitAnswered(log);
        gate.Open();
        ExpectMsg(new RecordAwaited(1, 1), Patience);
        ExpectMsg(new WaitCancelled(1, 2), Patience);
    }

    [Fact]
    public void Roll_should_end_a_wait_and_hold_one_back_that_comes_meanwhile()
    {
        var log = StartLog();
        AppendTexts(log, 2);
        Await(log, 2, 1);
        using var gate = Disk.Hold(DiskOperationKind.Sync, ".log");
        var roller = CreateTestProbe();
        log.Tell(new SealActiveSegment(), roller.Ref);
        gate.AwaitReached();
        Await(log, 2, 2);
        ExpectNoWaitAnswered(log);
        gate.Open();
        ExpectMsg(new RecordAwaited(2, 1), Patience);
        roller.ExpectMsg<SegmentSealed>(Patience);
        AppendTexts(log, 1, 2);
        ExpectMsg(new RecordAwaited(3, 2), Patience);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("crash of the segment")]
    [InlineData("failed sync")]
    public void Wait_should_be_refused_by_what_ends_the_segments_life(string end)
    {
        var log = StartLog();
        AppendTexts(log, 1);
        Await(log, 1, 1);
        switch (end)
        {
            case "stop":
                Sys.Stop(log);
                break;
            case "crash of the segment":
                Sys.ActorSelection($"{log.Path}/segment-00000000-1").Tell(Kill.Instance);
                break;
            case "failed sync":
                Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") ? DiskFault.Error : null;
                Ask<RequestFailed>(log, AppendOf("lost"));
                break;
        }
        ExpectFailure(1, FailureKind.Unavailable);
        if (end != "failed sync") return;
        Await(log, 1, 2);
        ExpectFailure(2, FailureKind.Unavailable);
        Await(log, 0, 3);
        ExpectMsg(new RecordAwaited(1, 3), Patience);
    }
}
