using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Replies;

/// <summary>
/// Actors of a log that were stopped from outside: they are replaced, and the requests that they held are answered.
/// </summary>
public sealed class StoppedActorSpec : LogSpec
{
    private static readonly WalOptions Tiny = new() { MaxSegmentBytes = 4 * TextFrameBytes };

    private const int LargeBytes = 500;

    /// <summary>Segments of three records of <see cref="LargeBytes"/>.</summary>
    private static readonly WalOptions ThreeRecordsASegment =
        new() { MaxSegmentBytes = 3 * (Frame.HeaderBytes + LargeBytes) };

    private readonly DiskGate _gate = new();

    public static TheoryData<string> Ways => ["stop", "poison", "kill"];

    protected override void AfterAll()
    {
        _gate.Dispose();
        base.AfterAll();
    }

    private IActorRef Child(IActorRef parent, string name) =>
        Sys.ActorSelection($"{parent.Path}/{name}").ResolveOne(Patience).GetAwaiter().GetResult();

    private void End(IActorRef actor, string way)
    {
        if (way == "stop") Sys.Stop(actor);
        else actor.Tell(way == "kill" ? Kill.Instance : PoisonPill.Instance);
    }

    private void StopAndAwait(IActorRef actor)
    {
        var watcher = CreateTestProbe();
        watcher.Watch(actor);
        Sys.Stop(actor);
        watcher.ExpectTerminated(actor, Patience);
    }

    // Requests are refused until the manager knows of the stop; the outcome of earlier ones may be unknown.
    private void AwaitAppended(IActorRef log, string text)
    {
        long offset = 0;
        AwaitAssert(() => offset = Ask<Appended>(log, AppendOf(text)).Offset, Patience);
        Assert.Equal(text, ReadText(log, offset));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Active_segments_actor_that_is_stopped_should_be_replaced(string way)
    {
        var log = StartLog();
        AppendTexts(log, 3);
        End(Child(log, "segment-00000000-1"), way);
        AwaitAppended(log, "next");
        AppendTexts(log, 2);
        for (var i = 0; i < 3; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Assert.Equal("", Ask<LogInfo>(log, new GetLogInfo()).ReadOnlyReason);
        StopLog(log);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_a_stopped_segment_had_in_hand_should_be_answered_and_count_no_more(string way)
    {
        const int Pending = 10, PayloadBytes = 92;
        var log = StartLog(adjust: s => s with { MaxPendingBytes = Pending * PendingBytesOf(PayloadBytes) });
        AppendTexts(log, 1);
        var segment = Child(log, "segment-00000000-1");
        for (var round = 0; round < 2; round++)
        {
            using var gate = new DiskGate();
            var syncs = 0;
            Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") && syncs++ == 0
                ? gate.Pass(null) : null;
            for (var i = 0; i < Pending / 2; i++) log.Tell(new Append(new byte[PayloadBytes], i), TestActor);
            gate.AwaitReached();
            if (round == 0) End(segment, way);
            // These are in the mailbox of an actor that is stopping, or go to its successor.
            for (var i = Pending / 2; i < Pending; i++) log.Tell(new Append(new byte[PayloadBytes], i), TestActor);
            AwaitForwarded(log);
            // A killed actor answers the requests that it held at once, so they are not pending any more.
            if (round > 0 || way != "kill")
            {
                var refused = Ask<RequestFailed>(log, new Append(new byte[PayloadBytes]));
                Assert.Contains("pending", refused.Reason, StringComparison.Ordinal);
            }
            gate.Open();
            var replies = ReceiveN(Pending, Patience).Cast<LogReply>().ToList();
            Assert.Equal(Enumerable.Range(0, Pending).Select(i => (long)i), replies.Select(r => r.RequestId).Order());
            if (round == 0) AwaitAssert(() => Ask<Appended>(log, new Append(new byte[PayloadBytes])), Patience);
            else Assert.All(replies, reply => Assert.IsType<Appended>(reply));
        }
    }

    /// <summary>A clock that, once armed, blocks its callers at a gate.</summary>
    private sealed class GatedClock(DiskGate gate) : TimeProvider
    {
        public bool IsArmed { get; set; }

        public override long GetTimestamp()
        {
            if (IsArmed) gate.Pass(null);
            return base.GetTimestamp();
        }
    }

    [Fact]
    public void Segment_that_is_stopped_before_it_handed_over_should_hold_up_nobody()
    {
        var clock = new GatedClock(_gate);
        var log = StartLog(
            new WalOptions { Clock = clock },
            s => s with { Retention = new RetentionPolicy { MaxAge = TimeSpan.FromDays(1) } });
        AppendTexts(log, 2);
        var segment = Child(log, "segment-00000000-1");
        clock.IsArmed = true;
        log.Tell(new RetentionTick());
        _gate.AwaitReached();
        clock.IsArmed = false;
        // The manager is busy: it handles the seal after the sealed segment's actor has stopped.
        segment.Tell(new SealActiveSegment(5), TestActor);
        AwaitAssert(() => Assert.NotNull(Disk.Stat(Directory + "/00000002.log")), Patience);
        StopAndAwait(segment);
        ExpectFailure(5, FailureKind.OutcomeUnknown);
        log.Tell(AppendOf("record 2", 6), TestActor);
        _gate.Open();
        Assert.Equal(6, ExpectMsg<LogReply>(Patience).RequestId);
        AwaitAssert(() => Ask<Appended>(log, AppendOf("last")), Patience);
        Assert.Equal("record 1", ReadText(log, 1));
        Assert.Equal(2, Ask<SegmentList>(log, new GetSegments()).Segments.Count);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Sync_worker_that_is_stopped_should_be_replaced(string way)
    {
        var log = StartLog();
        AppendTexts(log, 3);
        End(Child(Child(log, "segment-00000000-1"), "*"), way);
        AwaitAppended(log, "next");
        AppendTexts(log, 2);
        for (var i = 0; i < 3; i++) Assert.Equal($"record {i}", ReadText(log, i));
    }

    [Fact]
    public void Reader_of_the_tail_that_is_stopped_should_be_replaced()
    {
        const int Large = 1 << 20;
        var log = StartLog();
        Ask<Appended>(log, new Append(new byte[Large]));
        var segment = Child(log, "segment-00000000-1");
        Assert.Equal(Large, Ask<RecordRead>(log, new Read(0)).Payload.Length);
        // The worker was started first.
        Sys.ActorSelection($"{segment.Path}/*").Tell(new Identify(null), TestActor);
        var children = ReceiveN(2, Patience).Cast<ActorIdentity>().Select(identity => identity.Subject!)
            .OrderBy(child => child.Path.Name).ToList();
        StopAndAwait(children[1]);
        AwaitAssert(() => Assert.Equal(Large, Ask<RecordRead>(log, new Read(0)).Payload.Length), Patience);
        Ask<Appended>(log, AppendOf("x"));
    }

    [Fact]
    public void Reader_of_a_sealed_segment_that_is_stopped_should_be_replaced()
    {
        var log = StartLog(Tiny);
        AppendTexts(log, 30);
        Assert.Equal("record 0", ReadText(log, 0));
        var before = Child(log, "segment-00000000-*");
        StopAndAwait(before);
        AwaitAssert(() => Assert.Equal("record 0", ReadText(log, 0)), Patience);
        for (var i = 0; i < 30; i++) Assert.Equal($"record {i}", ReadText(log, i));
    }

    [Fact]
    public void Maintenance_that_is_stopped_should_be_replaced_and_do_what_it_had_not_begun()
    {
        var log = StartLog(ThreeRecordsASegment);
        for (var i = 0; i < 12; i++) Ask<Appended>(log, new Append(new byte[LargeBytes]));
        var files = Ask<SegmentList>(log, new GetSegments()).Segments.Select(segment => segment.File).ToList();
        var maintenance = Child(log, "maintenance");
        Disk.AfterOperation = operation =>
        {
            if (operation.Name == "00000000.logz") _gate.Pass(null);
        };
        log.Tell(new CompressSegment(files[0], 0), TestActor);
        _gate.AwaitReached();
        log.Tell(new CompressSegment(files[1], 1), TestActor);
        AwaitForwarded(log);
        Sys.Stop(maintenance);
        _gate.Open();
        Assert.Equal(0, ExpectMsg<SegmentCompressed>(Patience).RequestId);
        Assert.Equal(1, ExpectMsg<SegmentCompressed>(Patience).RequestId);
        Assert.NotEqual(maintenance, Child(log, "maintenance"));
    }

    [Fact]
    public void Reader_of_a_damaged_log_that_is_stopped_should_be_replaced()
    {
        AppendTexts(StartLog(), 3);
        Disk = Disk.Kill();
        Disk.Lose(Directory + "/MANIFEST");
        var log = StartLog();
        Assert.Equal("record 1", ReadText(log, 1));
        StopAndAwait(Child(log, "damaged-1"));
        AwaitAssert(() => Assert.Equal("record 1", ReadText(log, 1)), Patience);
    }
}
