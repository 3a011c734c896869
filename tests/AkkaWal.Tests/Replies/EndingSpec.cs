using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Replies;

/// <summary>
/// If anything throws while a log stops or restarts, the directory is still closed and every request gets one reply.
/// </summary>
public sealed class EndingSpec : LogSpec
{
    private const int PayloadBytes = 500;

    /// <summary>Segments of two records of <see cref="PayloadBytes"/>.</summary>
    private static readonly WalOptions TwoRecordsASegment =
        new() { MaxSegmentBytes = 2 * (Frame.HeaderBytes + PayloadBytes) };

    private readonly DiskGate _gate = new();

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private static InvalidOperationException Bug() => new InvalidOperationException("a bug for the test");

    private void ExpectEachAnswered(int count) =>
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => (long)i),
            ReceiveN(count, Patience).Cast<LogReply>().Select(r => r.RequestId).Order());

    private void AwaitStopped(IActorRef log)
    {
        Watch(log);
        ExpectTerminated(log, Patience);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
        Assert.Equal(0, Wal.Get(Sys).States.Count);
    }

    [Fact]
    public void Log_that_stops_while_retention_has_work_waiting_should_throw_nothing_and_answer_everybody()
    {
        using var compression = Disk.Hold(DiskOperationKind.Sync, ".logz.tmp");
        var log = StartLog(TwoRecordsASegment);
        for (var i = 0; i < 24; i++) Ask<Appended>(log, new Append(new byte[PayloadBytes]));
        StopLog(log);
        log = StartLog(
            TwoRecordsASegment,
            s => s with
            {
                Retention = new RetentionPolicy { CompressAfterRolls = 1 },
                RetentionCheckInterval = TimeSpan.FromDays(1),
            });
        // One operation is under way and more wait, and another check is due when all have ended; requests wait behind
        // them.
        log.Tell(new RetentionTick());
        compression.AwaitReached();
        log.Tell(new RetentionTick());
        log.Tell(new CompressSegment("00000008.log", 0), TestActor);
        log.Tell(new DeleteSegment("00000010.log", 1), TestActor);
        Ask<RecordRead>(log, new Read(0));
        EventFilter.Exception<Exception>().Expect(0, () =>
        {
            Sys.Stop(log);
            compression.Open();
            ExpectEachAnswered(2);
            AwaitStopped(log);
        });
    }

    [Fact]
    public void Directory_should_be_closed_where_its_last_write_crashes()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        Disk.Faults = operation => operation.Name == "MANIFEST.tmp" ? throw Bug() : null;
        Sys.Stop(log);
        AwaitStopped(log);
        Disk.Faults = null;
        AppendTexts(StartLog(), 1, 3);
    }

    [Fact]
    public void Segment_whose_closing_crashes_should_answer_everybody_and_close_its_files()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var syncs = 0;
        Disk.Faults = operation => !Is(operation, DiskOperationKind.Sync, ".log") ? null
            : syncs++ == 0 ? _gate.Pass(null)
            : throw Bug();
        for (var i = 0; i < 10; i++)
        {
            log.Tell(AppendOf("x", i), TestActor);
            if (i == 0) _gate.AwaitReached();
        }
        for (var i = 10; i < 20; i++) log.Tell(i % 2 == 0 ? new SyncLog(i) : new Read(i - 9, i), TestActor);
        StopBehind(log, () => Sys.Stop(log));
        _gate.Open();
        ExpectEachAnswered(20);
        AwaitStopped(log);
        Disk.Faults = null;
        Assert.Equal("record 0", ReadText(StartLog(), 0));
    }

    [Fact]
    public void Requests_that_a_life_took_over_should_be_answered_where_its_start_crashes()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        // The end of the header, "record 0" and "in flight", which the restarted actor commits before it rolls.
        const int CommittedByNextLife = SegmentHeader.SizeBytes + TextFrameBytes + (Frame.HeaderBytes + 9);
        var (syncs, crashes) = (0, 0);
        Disk.Faults = operation =>
        {
            if (Is(operation, DiskOperationKind.Sync, ".log") && syncs++ == 0) return _gate.Pass(null);
            var isCommit = Is(operation, DiskOperationKind.Write, ".log") && operation.Position == CommittedByNextLife;
            return isCommit && crashes++ == 0 ? throw Bug() : null;
        };
        log.Tell(AppendOf("in flight", 0), TestActor);
        _gate.AwaitReached();
        // A roll waits for the commit, and the next requests wait for the roll.
        log.Tell(new SealActiveSegment(1), TestActor);
        log.Tell(AppendOf("held", 2), TestActor);
        log.Tell(new SealActiveSegment(3), TestActor);
        log.Tell(AppendOf("held behind it", 4), TestActor);
        AwaitForwarded(log);
        Sys.ActorSelection($"{log.Path}/segment-00000000-1").Tell(Kill.Instance);
        ExpectFailure(1, FailureKind.OutcomeUnknown);
        ExpectFailure(0, FailureKind.OutcomeUnknown);
        _gate.Open();
        Assert.Equal([2L, 3L, 4L], ReceiveN(3, Patience).Cast<LogReply>().Select(r => r.RequestId).Order());
        Assert.True(crashes > 0);
        AwaitAssert(() => Ask<Appended>(log, AppendOf("last")), Patience);
        Assert.Equal("record 0", ReadText(log, 0));
    }

    [Fact]
    public void Manager_that_crashes_while_operations_wait_should_answer_each_of_them_once()
    {
        using var compression = Disk.Hold(DiskOperationKind.Sync, ".logz.tmp");
        var log = StartLog(TwoRecordsASegment);
        for (var i = 0; i < 20; i++) Ask<Appended>(log, new Append(new byte[PayloadBytes]));
        log.Tell(new CompressSegment("00000000.log", 0), TestActor);
        compression.AwaitReached();
        for (var i = 1; i < 9; i++) log.Tell(new CompressSegment($"{2 * i:D8}.log", i), TestActor);
        log.Tell(new GetLogInfo(9), TestActor);
        AwaitForwarded(log);
        // The default supervisor stops the killed actor.
        log.Tell(Kill.Instance);
        compression.Open();
        ExpectEachAnswered(10);
        AwaitStopped(log);
    }
}
