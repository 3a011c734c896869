using Akka.Actor;
using AkkaWal.Crash.Tests.Simulation;

namespace AkkaWal.Tests;

/// <summary>
/// A log whose writers all wait and that nobody reads syncs on its segment's own thread. Whoever comes all the same loses nothing by it.
/// </summary>
public sealed class SyncInPlaceSpec : LogSpec
{
    /// <summary>More commits than it takes until the segment counts on being left alone.</summary>
    private const int QuietCommits = 300;

    private const string Segment = "segment-00000000-1";

    private readonly Gate _gate = new();
    private int _gatedSyncs;

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private IActorRef StartQuietLog()
    {
        var log = StartLog();
        for (var i = 0; i < QuietCommits; i++) AppendTexts(log, 1, i);
        return log;
    }

    // The next one alone: what comes behind it passes. Its sender is the actor that syncs.
    private string HoldNextSync(Action issue, DiskFault? outcome = null)
    {
        var told = CreateTestProbe();
        Disk.Faults = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync || !operation.Path.EndsWith(".log", StringComparison.Ordinal) || _gatedSyncs++ > 0) return null;
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
        _gate.Open();
        Assert.Equal(3, reader.ExpectMsg<RecordRead>(Patience).RequestId);
        Assert.Equal(QuietCommits, first.ExpectMsg<Appended>(Patience).Offset);
        Assert.Equal(QuietCommits + 1, second.ExpectMsg<Appended>(Patience).Offset);
    }

    [Fact]
    public void Writer_that_came_during_a_sync_should_make_the_next_one_leave_the_actor_free()
    {
        var log = StartQuietLog();
        HoldNextSync(() => log.Tell(AppendOf("first", 1), TestActor));
        log.Tell(AppendOf("second", 2), TestActor);
        AwaitForwarded(log);
        var told = CreateTestProbe();
        Disk.Faults = operation =>
        {
            if (operation.Kind == DiskOperationKind.Sync && operation.Path.EndsWith(".log", StringComparison.Ordinal)) told.Ref.Tell("syncing");
            return null;
        };
        _gate.Open();
        Assert.Equal(1, ExpectMsg<Appended>(Patience).RequestId);
        Assert.Equal(2, ExpectMsg<Appended>(Patience).RequestId);
        told.ExpectMsg("syncing", Patience);
        Assert.NotEqual(Segment, told.LastSender.Path.Name);
    }

    [Fact]
    public void Log_that_is_read_should_go_on_answering_while_it_syncs()
    {
        var log = StartQuietLog();
        ReadText(log, 0);
        Assert.NotEqual(Segment, HoldNextSync(() => log.Tell(AppendOf("in flight", 7), TestActor)));
        // The simulated disk serves one at a time: a record's bytes would have to wait for it.
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
        var lost = ExpectMsg<RequestFailed>(Patience);
        Assert.Equal((7, FailureKind.OutcomeUnknown), (lost.RequestId, lost.Kind));
        var behind = ExpectMsg<RequestFailed>(Patience);
        Assert.Equal((8, FailureKind.Unavailable), (behind.RequestId, behind.Kind));
        Assert.Equal("record 0", ReadText(log, 0));
        Assert.Equal(1, _gatedSyncs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Actor_that_is_killed_during_a_sync_should_answer_once_and_know_how_it_ended(bool fails)
    {
        var log = StartQuietLog();
        Assert.Equal(Segment, HoldNextSync(() => log.Tell(AppendOf("in flight", 7), TestActor), fails ? DiskFault.Error : null));
        Sys.ActorSelection($"{log.Path}/{Segment}").Tell(Kill.Instance);
        log.Tell(AppendOf("behind it", 8), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        var unknown = ExpectMsg<RequestFailed>(Patience);
        Assert.Equal((7, FailureKind.OutcomeUnknown), (unknown.RequestId, unknown.Kind));
        if (fails) Assert.Equal(FailureKind.Unavailable, ExpectMsg<RequestFailed>(Patience).Kind);
        else Assert.Equal(QuietCommits + 1, ExpectMsg<Appended>(Patience).Offset);
        ExpectNoMsg(TimeSpan.Zero);
    }
}
