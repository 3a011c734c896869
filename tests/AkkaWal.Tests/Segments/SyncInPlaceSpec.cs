using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Segments;

/// <summary>
/// A log with a single writer and no readers syncs on its segment's own thread. Requests that arrive during such a sync
/// are answered, too.
/// </summary>
public sealed class SyncInPlaceSpec : LogSpec
{
    /// <summary>Enough commits without another request that a segment syncs on its own thread.</summary>
    private const int QuietCommits = 300;

    private const string Segment = "segment-00000000-1";

    private readonly DiskGate _gate = new();
    private int _gatedSyncs;

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private IActorRef StartQuietLog(WalOptions? options = null)
    {
        var log = StartLog(options);
        for (var i = 0; i < QuietCommits; i++) AppendTexts(log, 1, i);
        return log;
    }

    // The name of the actor that runs the next sync.
    private string SyncerOfNext(Action issue)
    {
        var told = CreateTestProbe();
        Disk.Faults = operation =>
        {
            if (Is(operation, DiskOperationKind.Sync, ".log")) told.Ref.Tell("syncing");
            return null;
        };
        issue();
        told.ExpectMsg("syncing", Patience);
        return told.LastSender.Path.Name;
    }

    // Holds only the next sync. Returns the name of the actor that runs it, which is the gate message's sender.
    private string HoldNextSync(Action issue, DiskFault? outcome = null)
    {
        var told = CreateTestProbe();
        Disk.Faults = operation =>
        {
            if (!Is(operation, DiskOperationKind.Sync, ".log") || _gatedSyncs++ > 0) return null;
            told.Ref.Tell("syncing");
            return _gate.Pass(outcome);
        };
        issue();
        told.ExpectMsg("syncing", Patience);
        return told.LastSender.Path.Name;
    }

    [Fact]
    public void Those_who_come_during_a_sync_should_be_answered_behind_it()
    {
        var log = StartQuietLog();
        var (first, second, reader) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        Assert.Equal(Segment, HoldNextSync(() => log.Tell(AppendOf("first", 1), first.Ref)));
        log.Tell(AppendOf("second", 2), second.Ref);
        log.Tell(new Read(0, 3), reader.Ref);
        AwaitForwarded(log);
        first.ExpectNoMsg(TimeSpan.Zero);
        _gate.Open();
        Assert.Equal(3, reader.ExpectMsg<RecordRead>(Patience).RequestId);
        Assert.Equal(QuietCommits, first.ExpectMsg<Appended>(Patience).Offset);
        Assert.Equal(QuietCommits + 1, second.ExpectMsg<Appended>(Patience).Offset);
    }

    [Fact]
    public void Writer_that_came_during_a_sync_should_make_the_next_one_leave_the_actor_free()
    {
        var log = StartQuietLog();
        Assert.Equal(Segment, HoldNextSync(() => log.Tell(AppendOf("first", 1), TestActor)));
        log.Tell(AppendOf("second", 2), TestActor);
        AwaitForwarded(log);
        var told = CreateTestProbe();
        Disk.Faults = operation =>
        {
            if (Is(operation, DiskOperationKind.Sync, ".log")) told.Ref.Tell("syncing");
            return null;
        };
        _gate.Open();
        Assert.Equal(1, ExpectMsg<Appended>(Patience).RequestId);
        Assert.Equal(2, ExpectMsg<Appended>(Patience).RequestId);
        told.ExpectMsg("syncing", Patience);
        Assert.NotEqual(Segment, told.LastSender.Path.Name);
    }

    [Fact]
    public void Commit_of_two_appends_should_leave_the_actor_free()
    {
        var log = StartQuietLog();
        Assert.Equal(Segment, HoldNextSync(() => log.Tell(AppendOf("first", 1), TestActor)));
        log.Tell(AppendOf("second", 2), TestActor);
        log.Tell(AppendOf("third", 3), TestActor);
        AwaitForwarded(log);
        Assert.NotEqual(Segment, SyncerOfNext(() => _gate.Open()));
    }

    [Fact]
    public void Syncs_in_place_should_leave_half_of_the_processors_to_others()
    {
        var syncs = SyncsInPlace.Of(Sys);
        var log = StartQuietLog();
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount / 2); i++) Assert.True(syncs.TryBegin());
        Assert.NotEqual(Segment, SyncerOfNext(() => log.Tell(AppendOf("one", 1), TestActor)));
        Assert.Equal(1, ExpectMsg<Appended>(Patience).RequestId);
        syncs.End();
        Assert.Equal(Segment, SyncerOfNext(() => log.Tell(AppendOf("two", 2), TestActor)));
        Assert.Equal(2, ExpectMsg<Appended>(Patience).RequestId);
        Assert.True(syncs.TryBegin(), "a sync that is done gives its place back");
    }

    [Fact]
    public void Log_that_is_read_should_go_on_answering_while_it_syncs()
    {
        var log = StartQuietLog();
        ReadText(log, 0);
        Assert.NotEqual(Segment, HoldNextSync(() => log.Tell(AppendOf("in flight", 7), TestActor)));
        // The simulated disk runs one operation at a time, so a read of a record's bytes would have to wait.
        Ask<RecordLocated>(log, new Locate(1));
        ExpectNoMsg(TimeSpan.Zero);
        _gate.Open();
        Assert.Equal(7, ExpectMsg<Appended>(Patience).RequestId);
    }

    [Fact]
    public void Sync_that_fails_should_be_unknown_and_latched()
    {
        var log = StartQuietLog();
        Assert.Equal(Segment, HoldNextSync(() => log.Tell(AppendOf("lost?", 7), TestActor), DiskFault.Error));
        log.Tell(AppendOf("behind it", 8), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        ExpectFailure(7, FailureKind.OutcomeUnknown);
        ExpectFailure(8, FailureKind.Unavailable);
        Assert.Equal("record 0", ReadText(log, 0));
        Assert.Equal(1, _gatedSyncs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Actor_that_is_killed_during_a_sync_should_answer_once_and_know_how_it_ended(bool fails)
    {
        var log = StartQuietLog();
        Assert.Equal(
            Segment, HoldNextSync(() => log.Tell(AppendOf("in flight", 7), TestActor), fails ? DiskFault.Error : null));
        Sys.ActorSelection($"{log.Path}/{Segment}").Tell(Kill.Instance);
        log.Tell(AppendOf("behind it", 8), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        ExpectFailure(7, FailureKind.OutcomeUnknown);
        if (fails) ExpectFailure(8, FailureKind.Unavailable);
        else Assert.Equal(QuietCommits + 1, ExpectMsg<Appended>(Patience).Offset);
        // The restarted actor gets the result of the sync, and then this read.
        Assert.Equal("record 0", ReadText(log, 0));
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Log_that_stops_during_a_sync_should_answer_once_and_tell_how_it_ended(bool fails)
    {
        var log = StartQuietLog();
        Assert.Equal(
            Segment, HoldNextSync(() => log.Tell(AppendOf("in flight", 7), TestActor), fails ? DiskFault.Error : null));
        StopBehind(log, () => Sys.Stop(log));
        _gate.Open();
        if (fails) ExpectFailure(7, FailureKind.OutcomeUnknown);
        else Assert.Equal(QuietCommits, ExpectMsg<Appended>(Patience).Offset);
        StopLog(log);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Sync_and_seal_that_are_asked_for_during_a_sync_should_follow_it()
    {
        var log = StartQuietLog();
        Assert.Equal(Segment, HoldNextSync(() => log.Tell(AppendOf("in flight", 1), TestActor)));
        log.Tell(new AppendBatch([AppendOf("a").Payload, AppendOf("b").Payload], 2), TestActor);
        log.Tell(new SyncLog(3), TestActor);
        log.Tell(new SealActiveSegment(4), TestActor);
        AwaitForwarded(log);
        ExpectNoMsg(TimeSpan.Zero);
        _gate.Open();
        Assert.Equal(QuietCommits, ExpectMsg<Appended>(Patience).Offset);
        Assert.Equal(QuietCommits + 1, ExpectMsg<BatchAppended>(Patience).FirstOffset);
        Assert.Equal(QuietCommits + 2, ExpectMsg<LogSynced>(Patience).DurableOffset);
        Assert.Equal(4, ExpectMsg<SegmentSealed>(Patience).RequestId);
    }

    [Fact]
    public void Being_left_alone_should_outlive_a_roll()
    {
        var log = StartQuietLog(new WalOptions { MaxSegmentBytes = QuietCommits * 12 });
        _gate.Open();
        var syncing = HoldNextSync(() => AppendTexts(log, 1, QuietCommits));
        Assert.StartsWith("segment-", syncing, StringComparison.Ordinal);
        Assert.NotEqual(Segment, syncing);
    }
}
