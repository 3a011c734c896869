using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;

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
    public void Append_in_flight_at_a_takeover_should_be_answered_as_unknown()
    {
        var log = StartLog(Former);
        AppendTexts(log, 1);
        using var gate = Disk.Hold(TestKit.DiskOperationKind.Sync, "epochs/1/00000000.log");
        log.Tell(AppendOf("in flight"), TestActor);
        gate.AwaitReached();
        Disk.LoseLocks();
        using var owner = SegmentedLog.Open(Directory, Next, Disk);
        gate.Dispose();
        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>(Patience).Kind);
        // It was written before the takeover.
        Assert.Equal("in flight"u8.ToArray(), owner.Read(1));
    }
}
