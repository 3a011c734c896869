using Akka.Actor;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Replies;

/// <summary>
/// A crash of the manager, or of a segment's actor at a bad moment, does not change the log, and each request gets
/// exactly one reply.
/// </summary>
public sealed class RestartSpec : LogSpec
{
    private readonly DiskGate _gate = new();

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private static bool IsSyncOf(DiskOperation operation, string file) =>
        operation.Kind == DiskOperationKind.Sync && operation.Path.EndsWith(file, StringComparison.Ordinal);

    private static bool CrashBehind(DiskGate gate)
    {
        gate.Pass(null);
        return Crash();
    }

    private static bool Crash() => throw new InvalidOperationException("a crash for the test");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Latched_failure_should_outlive_a_crash_of_the_manager(bool isToldBefore)
    {
        var log = StartRestartedLog(new WalSettings { Directory = Directory });
        AppendTexts(log, 3);
        var syncs = 0;
        Disk.Faults = operation => IsSyncOf(operation, "00000000.log") && syncs++ == 0
            ? _gate.Pass(DiskFault.Error) : null;
        log.Tell(AppendOf("lost?"), TestActor);
        _gate.AwaitReached();
        if (!isToldBefore) log.Tell(Kill.Instance);
        _gate.Open();
        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>(Patience).Kind);
        if (isToldBefore) log.Tell(Kill.Instance);
        var refused = Ask<RequestFailed>(log, AppendOf("refused"));
        Assert.Equal(FailureKind.Unavailable, refused.Kind);
        Assert.Contains("read-only after a failure", refused.Reason, StringComparison.Ordinal);
        StopLog(log);
        Assert.IsType<Appended>(Ask<LogReply>(StartLog(), AppendOf("taken")));
    }

    [Fact]
    public void Pending_bytes_should_come_out_even_when_the_manager_crashes_with_appends_under_way()
    {
        const int Pending = 10, PayloadBytes = 92;
        var log = StartRestartedLog(
            new WalSettings { Directory = Directory, MaxPendingBytes = Pending * PendingBytesOf(PayloadBytes) });
        AppendTexts(log, 1);
        var syncs = 0;
        Disk.Faults = operation => IsSyncOf(operation, "00000000.log") && syncs++ == 0 ? _gate.Pass(null) : null;
        for (var i = 0; i < Pending; i++) log.Tell(new Append(new byte[PayloadBytes], i), TestActor);
        _gate.AwaitReached();
        log.Tell(Kill.Instance);
        _gate.Open();
        ReceiveN(Pending, Patience);

        // The limit of pending bytes is the same as before.
        Ask<LogInfo>(log, new GetLogInfo());
        using var second = new DiskGate();
        syncs = 0;
        Disk.Faults = operation => IsSyncOf(operation, "00000000.log") && syncs++ == 0 ? second.Pass(null) : null;
        for (var i = 0; i < 2 * Pending; i++) log.Tell(new Append(new byte[PayloadBytes], i), TestActor);
        var refused = ReceiveN(Pending, Patience);
        Assert.All(refused, reply => Assert.Equal(FailureKind.Unavailable, Assert.IsType<RequestFailed>(reply).Kind));
        second.Open();
        Assert.All(ReceiveN(Pending, Patience), reply => Assert.IsType<Appended>(reply));
    }

    [Fact]
    public void Empty_payloads_should_count_what_they_take_in_memory()
    {
        const int Pending = 10;
        var log = StartLog(
            adjust: s => s with { MaxPendingBytes = Pending * PendingBytesOf(payloadBytes: 0) });
        var syncs = 0;
        Ask<LogInfo>(log, new GetLogInfo());
        Disk.Faults = operation => IsSyncOf(operation, "00000000.log") && syncs++ == 0 ? _gate.Pass(null) : null;
        for (var i = 0; i < 2 * Pending; i++) log.Tell(new Append(default, i), TestActor);
        Assert.All(ReceiveN(Pending, Patience), reply => Assert.IsType<RequestFailed>(reply));
        _gate.Open();
        Assert.All(ReceiveN(Pending, Patience), reply => Assert.IsType<Appended>(reply));
    }

    [Fact]
    public void Segment_limit_should_outlive_a_crash_of_the_manager()
    {
        var log = StartRestartedLog(new WalSettings { Directory = Directory });
        Ask<SegmentLimitSet>(log, new SetSegmentLimit(32));
        log.Tell(Kill.Instance);
        AppendTexts(log, 4);
        Assert.Equal([2, 2], Ask<SegmentList>(log, new GetSegments()).Segments.Select(s => s.RecordCount));
    }

    [Fact]
    public void Read_held_behind_a_commit_should_be_answered_once_where_answering_it_crashes()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var syncs = 0;
        Disk.Faults = operation => IsSyncOf(operation, "00000000.log") && syncs++ == 0 ? _gate.Pass(null) : null;
        log.Tell(AppendOf("record 1", 1), TestActor);
        _gate.AwaitReached();
        var reads = 0;
        Disk.ReadFaults = (_, _) => reads++ == 0 && Crash();
        log.Tell(new Read(1, 2), TestActor);
        log.Tell(new Read(1, 3), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        Assert.Equal([1, 2, 3], ReceiveN(3, Patience).Cast<LogReply>().Select(r => r.RequestId).Order());
        Assert.Equal("record 1", ReadText(log, 1));
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(1)]
    public void Hand_over_that_crashes_in_the_middle_should_be_finished_and_lose_no_reply(int maxOpenSegments)
    {
        var log = StartLog(adjust: s => s with { MaxOpenSegments = maxOpenSegments });
        AppendTexts(log, 2);
        Ask<SegmentSealed>(log, new SealActiveSegment());
        AppendTexts(log, 2, 2);
        var syncs = 0;
        Disk.Faults = operation => IsSyncOf(operation, "00000002.log") && syncs++ == 0 ? _gate.Pass(null) : null;
        log.Tell(new SealActiveSegment(1), TestActor);
        _gate.AwaitReached();
        // The old segment holds a read that it answers when it is sealed (the first try crashes), and appends for its
        // successor.
        using var reading = new DiskGate();
        var reads = 0;
        Disk.ReadFaults = (path, _) => path.EndsWith("00000002.log", StringComparison.Ordinal) && reads++ == 0
            && CrashBehind(reading);
        log.Tell(new ReadBatch(2, RequestId: 2), TestActor);
        for (var i = 3; i < 6; i++) log.Tell(AppendOf($"record {i + 1}", i), TestActor);
        AwaitForwarded(log);
        _gate.Open();
        reading.AwaitReached();
        // Another segment is opened during the hand-over.
        log.Tell(new Read(0, 6), TestActor);
        AwaitForwarded(log);
        reading.Open();
        var replies = ReceiveN(6, Patience).Cast<LogReply>().ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6], replies.Select(r => r.RequestId).Order());
        Assert.All(replies.Where(r => r.RequestId is >= 3 and < 6), reply => Assert.IsType<Appended>(reply));
        for (var i = 0; i < 7; i++) Assert.Equal($"record {i}", ReadText(log, i));
        AppendTexts(log, 1, 7);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Second_try_to_open_that_crashes_should_answer_its_request_once()
    {
        AppendTexts(StartLog(), 3);
        Disk = Disk.Kill();
        Disk.Overwrite(
            Directory + "/00000000.log",
            [.. Disk.ReadAll(Directory + "/00000000.log").AsSpan(0, PositionOf(3)), 1, 2, 3]);
        Disk.CapacityBytes = Disk.UsedBytes;
        var log = StartLog();
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new Read(0)).Kind);
        Disk.CapacityBytes = null;
        var crashes = 0;
        Disk.ReadFaults = (path, _) => path.EndsWith("00000000.log", StringComparison.Ordinal) && crashes++ == 0
            && Crash();
        var id = 0;
        while (crashes == 0)
        {
            log.Tell(new Read(0, ++id), TestActor);
            Assert.Equal(id, ExpectMsg<RequestFailed>(Patience).RequestId);
        }
        log.Tell(new Read(0, ++id), TestActor);
        Assert.Equal(id, ExpectMsg<RecordRead>(Patience).RequestId);
        AppendTexts(log, 1, 3);
    }

    private sealed record Errand(Action<IUntypedActorContext> Do) : INoSerializationVerificationNeeded;

    /// <summary>An actor that runs the functions that it is sent.</summary>
    private sealed class Host : UntypedActor
    {
        protected override void OnReceive(object message) => ((Errand)message).Do(Context);
    }

    [Fact]
    public void Segment_that_is_retired_while_it_hands_over_should_be_let_go_behind_that()
    {
        var old = CreateTestProbe();
        var host = Sys.ActorOf(Props.Create<Host>());
        SealedSegmentActors actors = null!;
        var segment = new SealedSegment(0, 2, 32, SegmentState.Sealed, 0, 0);
        void Tell(Action<IUntypedActorContext> what) => host.Tell(new Errand(what), ActorRefs.NoSender);
        Tell(context =>
        {
            var settings = new WalSettings { Directory = Directory };
            actors = new SealedSegmentActors(context, null!, new LogState(settings, Disk, LogMetrics.OfNone));
            actors.Adopt(segment, old.Ref);
            // It was archived in the meantime, for instance: later queries must get another actor.
            actors.Retire(0);
            Assert.Equal([old.Ref], actors.HoldersOf(0).Leaving);
            TestActor.Tell("retired", ActorRefs.NoSender);
        });
        ExpectMsg("retired", Patience);
        old.ExpectNoMsg(TimeSpan.Zero);
        Tell(_ => actors.NoteHandedOver());
        old.ExpectMsg<Leave>(Patience);
    }
}
