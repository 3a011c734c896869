using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Segments;

/// <summary>
/// Events between the steps of a commit, a roll and a stop. A gate holds the disk until the test has sent its messages.
/// </summary>
public sealed class InterleavingSpec : LogSpec
{
    private static readonly WalOptions OsCache = new() { Flush = FlushPolicy.OsCache };

    private readonly DiskGate _gate = new();

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private List<LogReply> RepliesUpTo(long lastId)
    {
        var replies = new List<LogReply>();
        do replies.Add(ExpectMsg<LogReply>(Patience));
        while (replies[^1].RequestId != lastId);
        return replies;
    }

    [Fact]
    public void Sync_that_fails_while_the_log_stops_should_be_unknown_and_not_be_tried_again()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var syncs = 0;
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") && syncs++ == 0
            ? _gate.Pass(DiskFault.Error) : null;
        log.Tell(AppendOf("lost?", 7), TestActor);
        _gate.AwaitReached();
        StopBehind(log, () => Sys.Stop(log));
        _gate.Open();
        ExpectFailure(7, FailureKind.OutcomeUnknown);
        Assert.Equal(1, syncs);
    }

    [Fact]
    public void Sync_that_fails_while_the_segments_actor_restarts_should_be_latched_all_the_same()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var syncs = 0;
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") && syncs++ == 0
            ? _gate.Pass(DiskFault.Error) : null;
        log.Tell(AppendOf("in flight", 7), TestActor);
        _gate.AwaitReached();
        Sys.ActorSelection($"{log.Path}/segment-00000000-1").Tell(Kill.Instance);
        // The actor answers before it restarts. The restart waits for the sync to end.
        ExpectFailure(7, FailureKind.OutcomeUnknown);
        _gate.Open();
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
        Assert.Equal("record 0", ReadText(log, 0));
        Assert.Equal(1, syncs);
    }

    [Fact]
    public void Sync_asked_for_during_one_whose_watermark_cannot_be_written_should_be_answered()
    {
        var log = StartLog(OsCache);
        AppendTexts(log, 1);
        Disk.Faults = operation => Is(operation, DiskOperationKind.Write, ".index") ? DiskFault.Error : null;
        var before = SyncCount();
        using var sync = Disk.Hold(DiskOperationKind.Sync, ".log");
        log.Tell(new SyncLog(7), TestActor);
        sync.AwaitReached();
        AppendTexts(log, 1, 1);
        log.Tell(new SyncLog(8), TestActor);
        AwaitForwarded(log);
        Ask<RecordLocated>(log, new Locate(1));
        sync.Open();
        var synced = ExpectMsg<LogSynced>(Patience);
        Assert.Equal((7, 0), (synced.RequestId, synced.DurableOffset));
        ExpectFailure(8, FailureKind.OutcomeUnknown);
        Assert.Equal(before + 1, SyncCount());
    }

    [Fact]
    public void Seal_behind_a_failed_sync_of_the_watermark_should_not_happen()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var syncs = 0;
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".index") && syncs++ == 0
            ? _gate.Pass(DiskFault.Error) : null;
        Sys.ActorSelection($"{log.Path}/segment-00000000-1").Tell(new WatermarkTick());
        _gate.AwaitReached();
        log.Tell(new SealActiveSegment(1), TestActor);
        Ask<RecordLocated>(log, new Locate(0));
        _gate.Open();
        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>(Patience).Kind);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
    }

    [Fact]
    public void Seal_held_behind_a_commit_that_finds_no_room_should_be_answered_once()
    {
        var log = StartLog(new WalOptions { MaxSegmentBytes = 2 * TextFrameBytes });
        Disk.Faults = operation => Is(operation, DiskOperationKind.Write, ".log")
            ? _gate.Pass(DiskFault.NoSpace) : null;
        log.Tell(AppendOf("twenty bytes payload", 1), TestActor);
        _gate.AwaitReached();
        log.Tell(AppendOf("twenty bytes payload", 2), TestActor);
        log.Tell(AppendOf("twenty bytes payload", 3), TestActor);
        log.Tell(new SealActiveSegment(4), TestActor);
        log.Tell(new SetSegmentLimit(32, 99), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        Assert.Equal([1, 2, 3, 4, 99], RepliesUpTo(99).Select(r => r.RequestId));
    }

    [Fact]
    public void Seal_that_crashes_the_segments_actor_should_be_answered_once()
    {
        var log = StartLog(OsCache);
        var writes = 0;
        Disk.Faults = operation => !Is(operation, DiskOperationKind.Write, ".log") ? null : ++writes switch
        {
            1 => _gate.Pass(null),
            2 => throw new InvalidOperationException("a crash for the test"),
            _ => null,
        };
        log.Tell(AppendOf("a", 1), TestActor);
        _gate.AwaitReached();
        log.Tell(AppendOf("b", 2), TestActor);
        log.Tell(new SealActiveSegment(3), TestActor);
        log.Tell(new SetSegmentLimit(32, 99), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        Assert.Equal([1, 2, 3, 99], RepliesUpTo(99).Select(r => r.RequestId).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sync_that_waits_for_a_roll_that_fails_should_be_answered(bool isAborted)
    {
        var (_, sync) = RollBehindASync();
        var syncs = 0;
        if (isAborted)
            Disk.Faults = operation => Is(operation, DiskOperationKind.Write, ".tmp") ? DiskFault.NoSpace : null;
        else
            Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") && ++syncs > 1
                ? DiskFault.Error : null;
        sync.Open();
        var replies = Enumerable.Range(0, 3).Select(_ => ExpectMsg<LogReply>(Patience)).ToDictionary(r => r.RequestId);
        Assert.Equal(new LogSynced(0, 1), replies[1]);
        if (isAborted) Assert.Equal(new LogSynced(1, 3), replies[3]);
        else Assert.Equal(FailureKind.OutcomeUnknown, Assert.IsType<RequestFailed>(replies[3]).Kind);
        Assert.Equal(
            isAborted ? FailureKind.Aborted : FailureKind.OutcomeUnknown,
            Assert.IsType<RequestFailed>(replies[4]).Kind);
    }

    [Fact]
    public void Sync_that_waits_for_a_roll_should_be_answered_when_the_log_stops()
    {
        var (log, sync) = RollBehindASync();
        using var seal = Disk.Hold(DiskOperationKind.Sync, ".log");
        sync.Open();
        seal.AwaitReached();
        StopBehind(log, () => Sys.Stop(log));
        seal.Open();
        Assert.Equal([1, 3, 4], Enumerable.Range(0, 3).Select(_ => ExpectMsg<LogReply>(Patience).RequestId).Order());
    }

    private int SyncCount() => Disk.Operations.Count(operation => Is(operation, DiskOperationKind.Sync, ".log"));

    // A sync of the first record is under way. A sync that must cover the second one, and a seal, wait for it.
    private (IActorRef Log, DiskGate Sync) RollBehindASync()
    {
        var log = StartLog(OsCache);
        AppendTexts(log, 1);
        var sync = Disk.Hold(DiskOperationKind.Sync, ".log");
        log.Tell(new SyncLog(1), TestActor);
        sync.AwaitReached();
        log.Tell(AppendOf("b", 2), TestActor);
        Assert.Equal(new Appended(1, 2), ExpectMsg<Appended>(Patience));
        log.Tell(new SyncLog(3), TestActor);
        log.Tell(new SealActiveSegment(4), TestActor);
        AwaitForwarded(log);
        return (log, sync);
    }
}
