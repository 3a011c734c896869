using System.Text;
using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Tests.Segments;

/// <summary>Order and completeness across rolls and crashes of the segments' actors.</summary>
public sealed class SegmentRollSpec : LogSpec
{
    private const int SenderCount = 64, AppendsPerSender = 40;

    private static readonly WalOptions Tiny = new() { MaxSegmentBytes = 200 };

    /// <summary>
    /// Sends its appends one after the other without waiting, each until it is appended or its outcome is unknown, and
    /// collects every reply.
    /// </summary>
    private sealed class Sender(IActorRef log, int number, IActorRef report) : UntypedActor
    {
        private readonly List<LogReply> _replies = [];
        private int _sentCount;

        protected override void PreStart()
        {
            for (var i = 0; i < AppendsPerSender; i++) Send();
        }

        protected override void OnReceive(object message)
        {
            _replies.Add((LogReply)message);
            if (message is RequestFailed { Kind: FailureKind.Unavailable }) Send();
            else if (_replies.Count == _sentCount) report.Tell(new Finished(number, _sentCount, _replies), Self);
        }

        private void Send()
        {
            log.Tell(AppendOf($"{number}:{_sentCount}", _sentCount), Self);
            _sentCount++;
        }
    }

    private sealed record Finished(int Number, int SentCount, IReadOnlyList<LogReply> Replies)
        : INoSerializationVerificationNeeded;

    private List<Finished> RunSenders(IActorRef log)
    {
        for (var number = 0; number < SenderCount; number++)
            Sys.ActorOf(Props.Create<Sender>(log, number, TestActor).WithDeploy(Deploy.Local));
        var finished = new List<Finished>();
        while (finished.Count < SenderCount) finished.Add(ExpectMsg<Finished>(Patience));
        return finished;
    }

    private static void AssertEachAnsweredOnce(IEnumerable<Finished> all)
    {
        foreach (var one in all)
            Assert.Equal(
                Enumerable.Range(0, one.SentCount).Select(i => (long)i), one.Replies.Select(r => r.RequestId).Order());
    }

    [Fact]
    public void Senders_should_keep_their_order_across_rolls_with_nothing_lost_or_doubled()
    {
        var log = StartLog(Tiny);
        var finished = RunSenders(log);
        var texts = ReadEverything(log);
        Assert.Equal(SenderCount * AppendsPerSender, texts.Count);
        foreach (var one in finished)
        {
            var offsets = one.Replies.Cast<Appended>().OrderBy(a => a.RequestId).Select(a => a.Offset).ToList();
            Assert.Equal(offsets.Order(), offsets);
            for (var i = 0; i < offsets.Count; i++) Assert.Equal($"{one.Number}:{i}", texts[(int)offsets[i]]);
        }
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments;
        Assert.True(segments.Count > 100);
        Assert.All(segments, s => Assert.True(s.SizeBytes <= Tiny.MaxSegmentBytes));
        for (var i = 1; i < segments.Count; i++) Assert.Equal(segments[i - 1].EndOffset + 1, segments[i].StartOffset);
    }

    [Fact]
    public void Limit_that_changes_while_appends_are_in_flight_should_hold_for_the_appends_behind_it()
    {
        const int Rounds = 60, PerRound = 20, PayloadBytes = 20, FrameBytes = Frame.HeaderBytes + PayloadBytes;
        var random = new Random(7);
        var log = StartLog(new WalOptions { Flush = FlushPolicy.OsCache });
        var limits = Enumerable.Range(0, Rounds).Select(_ => (long)random.Next(1, 300)).ToList();
        foreach (var limit in limits)
        {
            log.Tell(new SetSegmentLimit(limit), TestActor);
            for (var i = 0; i < PerRound; i++) log.Tell(new Append(new byte[PayloadBytes]), TestActor);
        }
        Assert.Equal(Rounds * PerRound, ReceiveN(Rounds * (PerRound + 1), Patience).OfType<Appended>().Count());

        var expected = new List<long>();
        var size = 0L;
        foreach (var limit in limits)
        {
            for (var i = 0; i < PerRound; i++)
            {
                if (size > 0 && size + FrameBytes > limit)
                {
                    expected.Add(size / FrameBytes);
                    size = 0;
                }
                size += FrameBytes;
            }
        }
        expected.Add(size / FrameBytes);
        Assert.Equal(expected, Ask<SegmentList>(log, new GetSegments()).Segments.Select(s => s.RecordCount));
    }

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.OsCache)]
    public void Senders_should_get_exactly_one_reply_each_while_the_active_segments_actor_crashes(FlushPolicy flush)
    {
        var files = new CrashingFiles(Disk, seed: 20, crashOneIn: 15);
        var log = StartLog(Tiny with { Flush = flush }, s => s with { MaxRestarts = 1000 }, files);
        Ask<SegmentList>(log, new GetSegments());
        files.IsArmed = true;
        var finished = RunSenders(log);
        files.IsArmed = false;
        Assert.True(files.CrashCount > 50, $"only {files.CrashCount} crashes");
        AssertEachAnsweredOnce(finished);
        AssertAcknowledgedIsThere(log, finished);
    }

    [Fact]
    public void Segment_actor_that_crashed_too_often_should_stay_and_refuse_appends()
    {
        var log = StartLog(adjust: s => s with { MaxRestarts = 2 });
        AppendTexts(log, 3);
        for (var i = 0; i < 3; i++) Tell(log, Kill.Instance, "segment-00000000-1");
        AwaitAssert(
            () => Assert.Contains("crashed", Ask<RequestFailed>(log, AppendOf("x")).Reason, StringComparison.Ordinal),
            Patience);
    }

    [Fact]
    public void Crash_should_lose_nothing_acknowledged_and_the_log_should_go_on()
    {
        var log = StartLog();
        AppendTexts(log, 10);
        Tell(log, Kill.Instance, "segment-00000000-1");
        AppendTexts(log, 10, 10);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"record {i}"), ReadEverything(log));
    }

    [Fact]
    public void Requests_in_a_stopped_logs_mailbox_should_be_answered()
    {
        var log = StartLog(Tiny);
        for (var i = 0; i < 500; i++)
        {
            if (i == 250) Sys.Stop(log);
            log.Tell(AppendOf("x", i), TestActor);
        }
        var replies = ReceiveN(500, Patience).Cast<LogReply>().ToList();
        Assert.Equal(500, replies.Select(r => r.RequestId).Distinct().Count());
        Assert.All(replies.OfType<RequestFailed>(), f => Assert.Equal(FailureKind.Unavailable, f.Kind));
    }

    [Fact]
    public void Log_manager_that_was_killed_should_leave_a_directory_that_another_can_open()
    {
        var log = StartLog(Tiny);
        AppendTexts(log, 20);
        log.Tell(Kill.Instance, ActorRefs.NoSender);
        Watch(log);
        ExpectTerminated(log, Patience);
        AppendTexts(StartLog(Tiny), 5, 20);
    }

    private void Tell(IActorRef log, object message, string child) =>
        Sys.ActorSelection($"{log.Path}/{child}").Tell(message);

    private void AssertAcknowledgedIsThere(IActorRef log, IEnumerable<Finished> finished)
    {
        var texts = ReadEverything(log);
        // An append with an unknown outcome may be in the log, but never twice.
        var seen = texts.GroupBy(t => t).ToDictionary(g => g.Key, g => g.Count());
        Assert.All(seen, pair => Assert.Equal(1, pair.Value));
        foreach (var one in finished)
        {
            foreach (var appended in one.Replies.OfType<Appended>())
                Assert.Equal($"{one.Number}:{appended.RequestId}", texts[(int)appended.Offset]);
            foreach (var refused in one.Replies.OfType<RequestFailed>().Where(f => f.Kind == FailureKind.Unavailable))
                Assert.DoesNotContain($"{one.Number}:{refused.RequestId}", seen.Keys);
        }
    }
}
