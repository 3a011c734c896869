using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Input;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Output;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>The bridge against a probe in the log's place.</summary>
public class StdioBridgeSpec : TestKit
{
    private const string Init = """{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}""";

    private readonly GatedStream _output = new();
    private readonly ManualClock _clock = new();
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly TaskCompletionSource<BridgeEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TestProbe _log;
    private readonly TestProbe _kafka;
    private readonly InputCredit _credit = new(1);
    private long _position;
    private long _lineNumber = 1;

    public StdioBridgeSpec() => (_log, _kafka) = (CreateTestProbe(), CreateTestProbe());

    private IActorRef Start(NodeSettings? settings = null, Func<string, Props>? openLog = null)
    {
        settings ??= new NodeSettings();
        var ports = new BridgePorts(
            _credit,
            new OutputWriter(_output, settings.OutputBytes),
            _notes.Enqueue,
            openLog ?? (_ => Props.Create<RelayActor>(_log.Ref)),
            _ => Props.Create<RelayActor>(_kafka.Ref),
            _clock,
            end => _ended.TrySetResult(end));
        return Sys.ActorOf(Props.Create<StdioBridge>(settings, ports));
    }

    private void Send(IActorRef bridge, params string[] lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        bridge.Tell(new InputBlock(bytes, _lineNumber, _position));
        _lineNumber += lines.Length;
        _position += bytes.Length;
    }

    private static string Request(string type, int id, string fields = "") =>
        $$$"""{"src":"c1","dest":"n1","body":{"type":"{{{type}}}","msg_id":{{{id}}}{{{fields}}}}}""";

    private static string Append(int id, string payload = "x") => Request("wal_append", id, $",\"payload\":\"{payload}\"");

    private void Answer(Append request, long offset = 0) => _log.Reply(new Appended(offset, request.RequestId));

    /// <summary>Returns when the bridge, and the log, have done all that they were told before.</summary>
    private void Settle(IActorRef bridge)
    {
        bridge.Tell(new Identify(0), TestActor);
        ExpectMsg<ActorIdentity>();
        Sys.ActorSelection((bridge.Path / "log").ToString()).Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    private async Task<BridgeEnd> End() => await _ended.Task.WaitAsync(TimeSpan.FromMinutes(1));

    private static void AssertError(string line, int inReplyTo, int code) =>
        Assert.Contains($"\"type\": \"error\", \"in_reply_to\": {inReplyTo}, \"code\": {code}, ", line, StringComparison.Ordinal);

    [Fact]
    public void Replies_should_leave_in_the_order_of_their_requests()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2, "a"), Append(3, "b"));
        var first = _log.ExpectMsg<Append>();
        var second = _log.ExpectMsg<Append>();
        Answer(second, 1);
        Answer(first, 0);
        var lines = _output.WaitForLines(3);
        Assert.Contains("\"in_reply_to\": 2, \"offset\": 0, ", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"in_reply_to\": 3, \"offset\": 1, ", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("\"msg_id\": 2}}", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Exclusive_request_should_be_told_after_earlier_replies_and_before_later_requests()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2), Request("wal_segment_info", 3), Append(4));
        var append = _log.ExpectMsg<Append>();
        Settle(bridge);
        Assert.False(_log.HasMessages);
        Answer(append);
        var info = _log.ExpectMsg<GetSegments>();
        Settle(bridge);
        Assert.False(_log.HasMessages);
        _log.Reply(new SegmentList([new SegmentInfo("f", 0, 0, 9, SegmentState.Active)], info.RequestId));
        _log.ExpectMsg<Append>();
    }

    [Fact]
    public void Errors_should_go_before_one_another()
    {
        var bridge = Start();
        Send(
            bridge,
            Request("nope", 1),
            Request("wal_read", 2),
            Request("echo", 3, ",\"echo\":1"),
            Request("init", 4, ",\"node_id\":\"/\",\"node_ids\":[]"),
            Init,
            Request("init", 6, ",\"node_id\":\"n2\",\"node_ids\":[]"),
            Request("init", 7, ",\"node_id\":\"\",\"node_ids\":[]"),
            Init,
            Request("nope", 9),
            Request("wal_read", 10));
        _log.Reply(new LogInfo(0, 0, true, 0, 0, _log.ExpectMsg<GetLogInfo>().RequestId));
        var lines = _output.WaitForLines(10);
        AssertError(lines[0], 1, 10);
        AssertError(lines[1], 2, 11);
        AssertError(lines[2], 3, 11);
        AssertError(lines[3], 4, 12);
        Assert.Contains("init_ok", lines[4], StringComparison.Ordinal);
        AssertError(lines[5], 6, 22);
        AssertError(lines[6], 7, 12);
        Assert.Contains("init_ok", lines[7], StringComparison.Ordinal);
        AssertError(lines[8], 9, 10);
        AssertError(lines[9], 10, 12);
    }

    [Fact]
    public void Malformed_request_should_be_unavailable_where_the_log_is()
    {
        var bridge = Start();
        Send(bridge, Init, Request("wal_append", 2));
        _log.Reply(new RequestFailed(FailureKind.Unavailable, "locked", _log.ExpectMsg<GetLogInfo>().RequestId));
        AssertError(_output.WaitForLines(2)[1], 2, 11);
    }

    [Fact]
    public void Before_init_a_reply_should_come_from_whom_the_request_went_to()
    {
        var bridge = Start();
        Send(bridge, """{"src":"c\u0031","dest":"n\"9","body":{"type":"wal_info","msg_id":5}}""", """{"src":"c1","body":{"type":"wal_info","msg_id":5}}""", Init);
        var lines = _output.WaitForLines(3);
        Assert.StartsWith("""{"src": "n\"9", "dest": "c\u0031", "body": {"type": "error", """, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("""{"src": "", "dest": "c1", "body": {"type": "error", """, lines[1], StringComparison.Ordinal);
        Assert.StartsWith("""{"src": "n1", "dest": "c0", "body": {"type": "init_ok", """, lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Request_without_msg_id_should_be_carried_out_and_not_answered()
    {
        var bridge = Start();
        Send(bridge, Init, """{"src":"c1","dest":"n1","body":{"type":"wal_append","payload":"x"}}""", Request("echo", 3, ",\"echo\":[]"));
        Answer(_log.ExpectMsg<Append>());
        Assert.Contains("\"echo\": [], \"msg_id\": 1", _output.WaitForLines(2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_can_not_be_answered_should_be_noted_by_their_number()
    {
        var bridge = Start();
        Send(bridge, "", Init, "{", """{"src":"n2","dest":"n1","body":{"type":"x_ok","in_reply_to":4}}""");
        Send(bridge, "7", Request("echo", 3, ",\"echo\":0"));
        _output.WaitForLines(2);
        Assert.Equal([1, 3, 4, 5], _notes.Select(note => int.Parse(note.Split(' ')[1])));
    }

    [Fact]
    public void Overdue_request_should_be_answered_as_unknown_and_its_late_answer_dropped()
    {
        var settings = new NodeSettings();
        var bridge = Start(settings);
        Send(bridge, Init, Append(2), Request("wal_info", 3));
        var append = _log.ExpectMsg<Append>();
        Settle(bridge);
        _clock.Advance(settings.RequestTimeout);
        bridge.Tell(DeadlineTick.Instance);
        AssertError(_output.WaitForLines(2)[1], 2, 13);
        var info = _log.ExpectMsg<GetLogInfo>();
        Answer(append);
        bridge.Tell(new LogInfo(1, 9, true, 0, 1, info.RequestId));
        Assert.Contains("wal_info_ok", _output.WaitForLines(3)[2], StringComparison.Ordinal);
        Settle(bridge);
        Assert.Contains("late answer", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_that_was_in_when_the_deadline_is_looked_at_should_count()
    {
        var settings = new NodeSettings();
        var bridge = Start(settings);
        Send(bridge, Init, Append(2));
        var append = _log.ExpectMsg<Append>();
        Settle(bridge);
        _clock.Advance(settings.RequestTimeout * 2);
        _clock.WhenLookedAt = () => bridge.Tell(new Appended(0, append.RequestId));
        bridge.Tell(DeadlineTick.Instance);
        Assert.Contains("wal_append_ok", _output.WaitForLines(2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_of_input_should_answer_everything_sync_and_end()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2), Request("wal_info", 3));
        bridge.Tell(new InputEnded(null));
        Answer(_log.ExpectMsg<Append>());
        _log.Reply(new LogInfo(1, 9, false, 0, 1, _log.ExpectMsg<GetLogInfo>().RequestId));
        _log.Reply(new LogSynced(0, _log.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
        Assert.Equal(3, _output.Lines.Length);
    }

    [Fact]
    public async Task End_of_input_before_init_should_need_no_log()
    {
        Start().Tell(new InputEnded(null));
        Assert.Null((await End()).Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failed_last_sync_should_be_a_problem_where_something_was_appended(bool hasAppended)
    {
        var bridge = Start();
        Send(bridge, Init);
        if (hasAppended)
        {
            Send(bridge, Append(2));
            Answer(_log.ExpectMsg<Append>());
        }

        bridge.Tell(new InputEnded(null));
        _log.Reply(new RequestFailed(FailureKind.Unavailable, "the disk", _log.ExpectMsg<SyncLog>().RequestId));
        Assert.Equal(hasAppended, (await End()).Problem is not null);
    }

    [Fact]
    public async Task Input_that_fails_should_be_carried_out_and_end_with_a_problem()
    {
        var bridge = Start();
        Send(bridge, Init);
        bridge.Tell(new InputEnded("gone"));
        _log.Reply(new LogSynced(-1, _log.ExpectMsg<SyncLog>().RequestId));
        Assert.Equal("gone", (await End()).Problem);
    }

    [Fact]
    public async Task Kafka_requests_should_go_to_their_own_actor_and_be_synced_at_the_end_too()
    {
        var bridge = Start();
        Send(bridge, Init, Request("send", 2, ",\"key\":\"k\",\"msg\":[1]"), Request("send", 3, ",\"msg\":1"), Request("poll", 4));
        var send = _kafka.ExpectMsg<SendMessage>();
        _kafka.Reply(new Appended(7, send.RequestId));
        var lines = _output.WaitForLines(4);
        Assert.Contains("\"type\": \"send_ok\", \"in_reply_to\": 2, \"offset\": 7, \"msg_id\"", lines[1], StringComparison.Ordinal);
        AssertError(lines[2], 3, 12);
        AssertError(lines[3], 4, 12);
        bridge.Tell(new InputEnded(null));
        _log.Reply(new LogSynced(-1, _log.ExpectMsg<SyncLog>().RequestId));
        _kafka.Reply(new LogSynced(-1, _kafka.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
    }

    [Fact]
    public async Task Signal_should_carry_out_what_was_read_and_nothing_that_comes_later()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        bridge.Tell(StopReading.Instance);
        Send(bridge, Append(3));
        Answer(_log.ExpectMsg<Append>());
        _log.Reply(new LogSynced(0, _log.ExpectMsg<SyncLog>().RequestId));
        Assert.Null((await End()).Problem);
        Assert.Equal(2, _output.Lines.Length);
    }

    [Fact]
    public void Output_that_is_not_read_should_stop_the_requests()
    {
        const int Window = 4;
        const int Count = 50;
        var bridge = Start(new NodeSettings { WindowRequests = Window, OutputBytes = 1 });
        _output.Stop();
        Send(bridge, Init);
        Send(bridge, [.. Enumerable.Range(2, Count).Select(id => Append(id))]);
        int toldCount = AnswerWhatIsTold(bridge);
        Assert.InRange(toldCount, 1, 3 * Window);
        _output.GoOn();
        for (; toldCount < Count; toldCount++) Answer(_log.ExpectMsg<Append>(), toldCount);
        var lines = _output.WaitForLines(Count + 1);
        for (int index = 1; index <= Count; index++)
            Assert.Contains($"\"in_reply_to\": {index + 1}, \"offset\": {index - 1}, ", lines[index], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_should_get_its_credit_back_only_when_a_blocks_last_request_is_begun()
    {
        var bridge = Start();
        _credit.Take(1 << 20);
        var waiting = Task.Run(() => _credit.Take(1 << 20));
        Send(bridge, Init, Append(2), Request("wal_info", 3));
        var append = _log.ExpectMsg<Append>();
        Settle(bridge);
        Assert.False(waiting.IsCompleted);
        Answer(append);
        _log.ExpectMsg<GetLogInfo>();
        Settle(bridge);
        _credit.Give(1 << 20);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Output_that_nobody_reads_any_more_should_end_it_with_a_problem()
    {
        _output.GoAway();
        Send(Start(), Init);
        Assert.Contains("broken pipe", (await End()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_that_stops_should_leave_no_request_without_an_answer()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        _log.ExpectMsg<Append>();
        Sys.ActorSelection((bridge.Path / "log").ToString()).Tell(PoisonPill.Instance);
        AssertError(_output.WaitForLines(2)[1], 2, 13);
        Send(bridge, Append(3));
        AssertError(_output.WaitForLines(3)[2], 3, 11);
    }

    [Fact]
    public void Log_that_finds_no_place_should_leave_the_node_without_a_name()
    {
        var bridge = Start(openLog: _ => throw new WalIOException("create directory", "/tmp", true, "no space left"));
        Send(bridge, Init, Append(2));
        var lines = _output.WaitForLines(2);
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
        var read = _log.ExpectMsg<Read>();
        _log.Reply(new RecordDamaged(7, "bit rot in 00000000.log", read.RequestId));
        Assert.Contains("\"payload\": null, \"checksum_valid\": false", _output.WaitForLines(2)[1], StringComparison.Ordinal);
        Assert.Contains("bit rot in 00000000.log", Assert.Single(_notes), StringComparison.Ordinal);
    }

    private int AnswerWhatIsTold(IActorRef bridge)
    {
        int count = 0;
        for (Settle(bridge); _log.HasMessages; Settle(bridge))
        {
            while (_log.HasMessages) Answer(_log.ExpectMsg<Append>(), count++);
        }

        return count;
    }
}
