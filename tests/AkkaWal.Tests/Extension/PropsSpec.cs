using Akka.Actor;
using Akka.Pattern;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Extension;

/// <summary>Two actors from one Props, at once or one after the other, share nothing.</summary>
public sealed class PropsSpec : LogSpec
{
    private static readonly WalOptions Tiny = new() { MaxSegmentBytes = 40 };

    private Props PropsOf(Func<WalSettings, WalSettings>? adjust = null)
    {
        var settings = new WalSettings { Directory = Directory, Options = Tiny };
        return LogManager.Props(Sys, adjust?.Invoke(settings) ?? settings, Disk);
    }

    [Fact]
    public void Second_actor_of_one_Props_should_be_refused_like_any_second_writer()
    {
        var props = PropsOf();
        var (first, second) = (Sys.ActorOf(props), Sys.ActorOf(props));
        var offsets = new List<long>();
        var answers = 0;
        for (var i = 0; i < 40; i++)
        {
            foreach (var log in new[] { first, second })
            {
                var reply = Ask<LogReply>(log, AppendOf($"record {offsets.Count}"));
                if (reply is Appended taken) offsets.Add(taken.Offset);
                else Assert.Contains(
                    "is locked by", Assert.IsType<RequestFailed>(reply).Reason, StringComparison.Ordinal);
                answers++;
            }
        }
        Assert.Equal((80, 40), (answers, offsets.Count));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), offsets);
        StopLog(first);
        StopLog(second);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
        var log3 = Sys.ActorOf(props);
        for (var i = 0; i < 40; i++) Assert.Equal($"record {i}", ReadText(log3, i));
    }

    [Fact]
    public void Log_that_is_started_again_should_have_nothing_of_the_one_that_stopped()
    {
        const int Pending = 5;
        var props = PropsOf(
            s => s with { MaxPendingBytes = Pending * PendingBytesOf(TextBytes) });
        var log = Sys.ActorOf(props, "log");
        AppendTexts(log, 3);
        Ask<SegmentLimitSet>(log, new SetSegmentLimit(1_000_000));
        Ask<FloorHeld>(log, new HoldFloor("replica", 0));
        Disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, AppendOf("lost?")).Kind);
        Disk.Faults = null;
        Assert.NotEqual("", Ask<LogInfo>(log, new GetLogInfo()).ReadOnlyReason);
        StopLog(log);

        log = Sys.ActorOf(props, "log");
        var info = Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal("", info.ReadOnlyReason);
        AppendTexts(log, Pending);
        // The limit is that of the settings, and there is no floor.
        Assert.True(Ask<SegmentList>(log, new GetSegments()).Segments.Count > 3);
        Assert.True(Ask<LogTruncated>(log, new TruncateBefore(info.NextOffset)).SegmentsDeleted > 0);
    }

    [Fact]
    public void Pending_bytes_should_end_with_the_log_that_counted_them()
    {
        const int Pending = 5;
        using var gate = new DiskGate();
        var props = PropsOf(
            s => s with { MaxPendingBytes = Pending * PendingBytesOf(TextBytes) });
        var log = Sys.ActorOf(props, "log");
        Ask<LogInfo>(log, new GetLogInfo());
        var syncs = 0;
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") && syncs++ == 0
            ? gate.Pass(null) : null;
        for (var i = 0; i < Pending; i++) log.Tell(AppendOf($"record {i}", i), TestActor);
        gate.AwaitReached();
        Assert.Contains("pending", Ask<RequestFailed>(log, AppendOf("one more")).Reason, StringComparison.Ordinal);
        StopBehind(log, () => Sys.Stop(log));
        gate.Open();
        Assert.Equal(
            Enumerable.Range(0, Pending).Select(i => (long)i),
            ReceiveN(Pending, Patience).Cast<LogReply>().Select(r => r.RequestId).Order());
        Watch(log);
        ExpectTerminated(log, Patience);

        using var second = new DiskGate();
        log = Sys.ActorOf(props, "log");
        Ask<LogInfo>(log, new GetLogInfo());
        syncs = 0;
        Disk.Faults = operation => Is(operation, DiskOperationKind.Sync, ".log") && syncs++ == 0
            ? second.Pass(null) : null;
        for (var i = 0; i < Pending + 1; i++) log.Tell(AppendOf($"record {i}", i), TestActor);
        Assert.Contains("pending", ExpectMsg<RequestFailed>(Patience).Reason, StringComparison.Ordinal);
        second.Open();
        Assert.All(ReceiveN(Pending, Patience), reply => Assert.IsType<Appended>(reply));
    }

    [Fact]
    public void Requests_told_to_a_log_that_has_stopped_should_each_be_answered()
    {
        const int Count = 1000;
        var log = StartLog();
        AppendTexts(log, 1);
        StopLog(log);
        for (var i = 0; i < Count; i++)
            log.Tell(i % 2 == 0 ? AppendOf("x", i) : new ReadBatch(0, RequestId: i), TestActor);
        var replies = ReceiveN(Count, Patience).Cast<RequestFailed>().ToList();
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), replies.Select(r => r.RequestId).Order());
        Assert.All(replies, reply => Assert.Equal(FailureKind.Unavailable, reply.Kind));
        Assert.Contains(log.Path.ToStringWithoutAddress(), replies[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Logs_of_one_system_should_share_one_listener_and_leave_nothing_behind()
    {
        var logs = Enumerable.Range(0, 5)
            .Select(i => Sys.ActorOf(LogManager.Props(Sys, new WalSettings { Directory = $"/log{i}" }, Disk))).ToList();
        foreach (var log in logs) Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal(5, Wal.Get(Sys).States.Count);
        Sys.ActorSelection("/system/akka-wal*").Tell(new Identify(1), TestActor);
        Assert.Equal("akka-wal-undelivered", ExpectMsg<ActorIdentity>(Patience).Subject!.Path.Name);
        ExpectNoMsg(TimeSpan.Zero);
        foreach (var log in logs) StopLog(log);
        Assert.Equal(0, Wal.Get(Sys).States.Count);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
    }

    [Fact]
    public void Credit_should_go_to_the_log_that_counted_and_not_to_a_later_one_of_the_same_path()
    {
        var log = Sys.ActorOf(PropsOf(), "log");
        AppendTexts(log, 1);
        var segment = Sys.ActorSelection($"{log.Path}/segment-00000000-1").ResolveOne(Patience).GetAwaiter()
            .GetResult();
        Assert.Equal(log, Wal.Get(Sys).States.ManagerAbove(segment.Path));
        Assert.Null(Wal.Get(Sys).States.ManagerAbove(log.Path));
        StopLog(log);
        var later = Sys.ActorOf(PropsOf(), "log");
        Ask<LogInfo>(later, new GetLogInfo());
        Assert.Null(Wal.Get(Sys).States.ManagerAbove(segment.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Log_under_a_backoff_supervisor_should_be_opened_anew_and_answer_while_it_is_gone(bool isKilled)
    {
        var (shortest, longest) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        var props = PropsOf(s => s with { Options = new WalOptions() });
        var options = isKilled
            ? Backoff.OnFailure(props, "log", shortest, longest, 0, 100)
                .WithSupervisorStrategy(new OneForOneStrategy(static _ => Directive.Restart))
            : Backoff.OnStop(props, "log", shortest, longest, 0, 100);
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(options).WithDeploy(Deploy.Local), "supervisor");
        AppendTexts(supervisor, 3);
        for (var round = 0; round < 3; round++)
        {
            Disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
            Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(supervisor, AppendOf("lost?")).Kind);
            Disk.Faults = null;
            Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(supervisor, AppendOf("latched")).Kind);
            var log = Sys.ActorSelection($"{supervisor.Path}/log").ResolveOne(Patience).GetAwaiter().GetResult();
            Watch(log);
            log.Tell(isKilled ? Kill.Instance : PoisonPill.Instance);
            ExpectTerminated(log, Patience);
            Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
            // Whether the log's actor is stopped or opens the log, there is one reply to each request.
            for (var i = 0; i < 100; i++) supervisor.Tell(new GetLogInfo(i), TestActor);
            Assert.Equal(
                Enumerable.Range(0, 100).Select(i => (long)i),
                ReceiveN(100, Patience).Cast<LogReply>().Select(r => r.RequestId).Order());
            AwaitAssert(() => Assert.Equal("", Ask<LogInfo>(supervisor, new GetLogInfo()).ReadOnlyReason), Patience);
            Ask<Appended>(supervisor, AppendOf("taken"));
        }
        for (var i = 0; i < 3; i++) Assert.Equal($"record {i}", ReadText(supervisor, i));
    }
}
