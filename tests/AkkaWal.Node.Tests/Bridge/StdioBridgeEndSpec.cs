using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Input;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>How a bridge ends, and what it does when something around it fails.</summary>
public sealed class StdioBridgeEndSpec : BridgeSpec
{
    [Fact]
    public async Task End_of_input_should_answer_everything_sync_and_end()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2), Request("wal_info", 3));
        bridge.Tell(new InputEnded(null));
        Answer(LogProbe.ExpectMsg<Append>());
        LogProbe.Reply(new LogInfo(1, 9, false, 0, 1, LogProbe.ExpectMsg<GetLogInfo>().RequestId));
        LogProbe.Reply(new LogSynced(0, LogProbe.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
        Assert.Equal(3, StandardOutput.Lines.Length);
    }

    [Fact]
    public async Task End_of_input_before_init_should_need_no_log()
    {
        Start().Tell(new InputEnded(null));
        Assert.Null((await End()).Problem);
    }

    [Theory]
    [InlineData(true, "the last sync failed: the disk")]
    [InlineData(false, "the log could not be used: the disk")]
    public async Task Failed_last_sync_should_be_a_problem_and_tell_why(bool hasAppended, string problem)
    {
        var bridge = Start();
        Send(bridge, Init);
        if (hasAppended)
        {
            Send(bridge, Append(2));
            Answer(LogProbe.ExpectMsg<Append>());
        }

        bridge.Tell(new InputEnded(null));
        LogProbe.Reply(new RequestFailed(FailureKind.Unavailable, "the disk", LogProbe.ExpectMsg<SyncLog>().RequestId));
        Assert.Equal(problem, (await End()).Problem);
    }

    [Fact]
    public async Task Input_that_fails_should_be_carried_out_and_end_with_a_problem()
    {
        var bridge = Start();
        Send(bridge, Init);
        bridge.Tell(new InputEnded("gone"));
        LogProbe.Reply(new LogSynced(-1, LogProbe.ExpectMsg<SyncLog>().RequestId));
        Assert.Equal("gone", (await End()).Problem);
    }

    [Fact]
    public async Task Kafka_requests_should_go_to_their_own_actor_and_be_synced_at_the_end_too()
    {
        var bridge = Start();
        Send(
            bridge, Init, Request("send", 2, ",\"key\":\"k\",\"msg\":[1]"),
            Request("send", 3, ",\"msg\":1"), Request("poll", 4));
        var send = KafkaProbe.ExpectMsg<SendMessage>();
        KafkaProbe.Reply(new Appended(7, send.RequestId));
        var lines = StandardOutput.WaitForLines(4);
        Assert.Contains(
            "\"type\": \"send_ok\", \"in_reply_to\": 2, \"offset\": 7, \"msg_id\"", lines[1], StringComparison.Ordinal);
        AssertError(lines[2], 3, 12);
        AssertError(lines[3], 4, 12);
        bridge.Tell(new InputEnded(null));
        LogProbe.Reply(new LogSynced(-1, LogProbe.ExpectMsg<SyncLog>().RequestId));
        KafkaProbe.Reply(new LogSynced(-1, KafkaProbe.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
    }

    [Fact]
    public async Task Signal_should_carry_out_what_was_read_and_nothing_that_comes_later()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        bridge.Tell(StopReading.Instance);
        Send(bridge, Append(3));
        Answer(LogProbe.ExpectMsg<Append>());
        LogProbe.Reply(new LogSynced(0, LogProbe.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
        Assert.Equal(2, StandardOutput.Lines.Length);
    }

    [Fact]
    public void Output_that_is_not_read_should_stop_the_requests()
    {
        const int Window = 4;
        const int Count = 50;
        var bridge = Start(new NodeSettings { WindowRequests = Window, OutputBytes = 1 });
        StandardOutput.Stop();
        Send(bridge, Init);
        Send(bridge, [.. Enumerable.Range(2, Count).Select(id => Append(id))]);
        var toldCount = AnswerWhatIsTold(bridge);
        Assert.InRange(toldCount, 1, 3 * Window);
        StandardOutput.GoOn();
        for (; toldCount < Count; toldCount++) Answer(LogProbe.ExpectMsg<Append>(), toldCount);
        var lines = StandardOutput.WaitForLines(Count + 1);
        for (var index = 1; index <= Count; index++)
            Assert.Contains(
                $"\"in_reply_to\": {index + 1}, \"offset\": {index - 1}, ", lines[index], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_should_get_its_credit_back_only_when_a_blocks_last_request_is_begun()
    {
        var bridge = Start();
        Credit.Reserve(1 << 20);
        var waiting = Task.Run(() => Credit.Reserve(1 << 20));
        Send(bridge, Init, Append(2), Request("wal_info", 3));
        var append = LogProbe.ExpectMsg<Append>();
        AwaitHandled(bridge);
        Assert.False(waiting.IsCompleted);
        Answer(append);
        LogProbe.ExpectMsg<GetLogInfo>();
        AwaitHandled(bridge);
        Credit.Release(1 << 20);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Output_that_nobody_reads_any_more_should_end_it_with_a_problem()
    {
        StandardOutput.GoAway();
        Send(Start(), Init);
        Assert.Contains("broken pipe", (await End()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_that_stops_should_leave_no_request_without_an_answer_and_be_opened_anew()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2), Append(3));
        LogProbe.ExpectMsg<Append>();
        var second = LogProbe.ExpectMsg<Append>();
        await StopLog(bridge);

        // The second append is refused for the stopped log: it did not happen. The first one is not answered: unknown.
        LogProbe.Reply(new RequestFailed(FailureKind.Unavailable, "the log is closed", second.RequestId));
        Pass(new NodeSettings().RequestTimeout);
        var lines = StandardOutput.WaitForLines(3);
        AssertError(lines[1], 2, 13);
        AssertError(lines[2], 3, 11);

        Send(bridge, Append(4));
        Answer(LogProbe.ExpectMsg<Append>());
        Assert.Contains("wal_append_ok", StandardOutput.WaitForLines(4)[3], StringComparison.Ordinal);
        bridge.Tell(new InputEnded(null));
        LogProbe.Reply(new LogSynced(0, LogProbe.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
    }

    [Fact]
    public async Task Log_that_stops_during_the_last_sync_should_be_a_problem()
    {
        var bridge = Start();
        Send(bridge, Init);
        bridge.Tell(new InputEnded(null));
        LogProbe.ExpectMsg<SyncLog>();
        await StopLog(bridge);
        Assert.Contains("the log has stopped", (await End()).Problem, StringComparison.Ordinal);
    }

    private async Task StopLog(IActorRef bridge)
    {
        var log = await Sys.ActorSelection((bridge.Path / "log").ToString()).ResolveOne(TimeSpan.FromMinutes(1));
        Watch(log);
        log.Tell(PoisonPill.Instance);
        ExpectTerminated(log, TimeSpan.FromMinutes(1));
        AwaitHandled(bridge, withLog: false);
    }

    [Fact]
    public void Log_that_finds_no_place_should_leave_the_node_without_a_name()
    {
        var bridge = Start(openLog: _ => throw new WalIOException("create directory", "/tmp", true, "no space left"));
        Send(bridge, Init, Append(2));
        var lines = StandardOutput.WaitForLines(2);
        AssertError(lines[0], 1, 11);
        AssertError(lines[1], 2, 11);
    }

    [Fact]
    public async Task Crash_of_the_bridge_should_end_the_process_and_not_hang()
    {
        Send(Start(openLog: _ => throw new InvalidOperationException("a bug")), Init);
        Assert.Contains("a bug", (await End()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_record_should_be_said_on_standard_error()
    {
        var bridge = Start();
        Send(bridge, Init, Request("wal_read", 2, ",\"offset\":7"));
        var read = LogProbe.ExpectMsg<Read>();
        LogProbe.Reply(new RecordDamaged(7, "bit rot in 00000000.log", read.RequestId));
        Assert.Contains(
            "\"payload\": null, \"checksum_valid\": false", StandardOutput.WaitForLines(2)[1],
            StringComparison.Ordinal);
        Assert.Contains("bit rot in 00000000.log", Assert.Single(Notes), StringComparison.Ordinal);
    }

    private int AnswerWhatIsTold(IActorRef bridge)
    {
        var count = 0;
        for (AwaitHandled(bridge); LogProbe.HasMessages; AwaitHandled(bridge))
        {
            while (LogProbe.HasMessages) Answer(LogProbe.ExpectMsg<Append>(), count++);
        }

        return count;
    }
}
