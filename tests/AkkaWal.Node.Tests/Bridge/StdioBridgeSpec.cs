using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaWal.Node.Input;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>Which reply a request gets, and when.</summary>
public sealed class StdioBridgeSpec : BridgeSpec
{
    [Fact]
    public void Replies_should_leave_in_the_order_of_their_requests()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2, "a"), Append(3, "b"));
        var first = LogProbe.ExpectMsg<Append>();
        var second = LogProbe.ExpectMsg<Append>();
        Answer(second, 1);
        Answer(first, 0);
        var lines = StandardOutput.WaitForLines(3);
        Assert.Contains("\"in_reply_to\": 2, \"offset\": 0, ", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"in_reply_to\": 3, \"offset\": 1, ", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("\"msg_id\": 2}}", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Exclusive_request_should_be_told_after_earlier_replies_and_before_later_requests()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2), Request("wal_segment_info", 3), Append(4));
        var append = LogProbe.ExpectMsg<Append>();
        AwaitHandled(bridge);
        Assert.False(LogProbe.HasMessages);
        Answer(append);
        var info = LogProbe.ExpectMsg<GetSegments>();
        AwaitHandled(bridge);
        Assert.False(LogProbe.HasMessages);
        LogProbe.Reply(new SegmentList([new SegmentInfo("f", 0, 0, 9, SegmentState.Active)], info.RequestId));
        LogProbe.ExpectMsg<Append>();
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
        LogProbe.Reply(new LogInfo(0, 0, true, 0, 0, LogProbe.ExpectMsg<GetLogInfo>().RequestId));
        var lines = StandardOutput.WaitForLines(10);
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
        LogProbe.Reply(
            new RequestFailed(FailureKind.Unavailable, "locked", LogProbe.ExpectMsg<GetLogInfo>().RequestId));
        AssertError(StandardOutput.WaitForLines(2)[1], 2, 11);
    }

    [Fact]
    public void Before_init_a_reply_should_come_from_whom_the_request_went_to()
    {
        var bridge = Start();
        Send(
            bridge, """{"src":"c\u0031","dest":"n\"9","body":{"type":"wal_info","msg_id":5}}""",
            """{"src":"c1","body":{"type":"wal_info","msg_id":5}}""", Init);
        var lines = StandardOutput.WaitForLines(3);
        Assert.StartsWith(
            """{"src": "n\"9", "dest": "c\u0031", "body": {"type": "error", """, lines[0], StringComparison.Ordinal);
        Assert.StartsWith(
            """{"src": "", "dest": "c1", "body": {"type": "error", """, lines[1], StringComparison.Ordinal);
        Assert.StartsWith(
            """{"src": "n1", "dest": "c0", "body": {"type": "init_ok", """, lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Request_without_msg_id_should_be_carried_out_and_not_answered()
    {
        var bridge = Start();
        Send(
            bridge, Init, """{"src":"c1","dest":"n1","body":{"type":"wal_append","payload":"x"}}""",
            Request("echo", 3, ",\"echo\":[]"));
        Answer(LogProbe.ExpectMsg<Append>());
        Assert.Contains("\"echo\": [], \"msg_id\": 1", StandardOutput.WaitForLines(2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_can_not_be_answered_should_be_noted_by_their_number()
    {
        var bridge = Start();
        Send(bridge, "", Init, "{", """{"src":"n2","dest":"n1","body":{"type":"x_ok","in_reply_to":4}}""");
        Send(bridge, "7", " \t\r", Request("echo", 3, ",\"echo\":0"));
        StandardOutput.WaitForLines(2);
        Assert.Equal([3, 4, 5], Notes.Select(note => int.Parse(note.Split(' ')[1])));
    }

    [Fact]
    public void Kafka_operations_should_not_be_supported_where_init_names_several_nodes()
    {
        var bridge = Start();
        var init = Init.Replace("[\"n1\"]", "[\"n1\",\"n2\",\"n1\"]", StringComparison.Ordinal);
        var send = Request("send", 3, ",\"key\":\"k\",\"msg\":1");
        Send(bridge, send, init, init, send, Request("poll", 4), Request("list_committed_offsets", 5),
            Request("commit_offsets", 6));
        Send(bridge, Request("echo", 7, ",\"echo\":0"), Append(8));
        Answer(LogProbe.ExpectMsg<Append>());
        var lines = StandardOutput.WaitForLines(9);
        AssertError(lines[0], 3, 11);
        for (var id = 3; id <= 6; id++) AssertError(lines[id], id, 10);
        Assert.Contains("echo_ok", lines[7], StringComparison.Ordinal);
        Assert.Contains("wal_append_ok", lines[8], StringComparison.Ordinal);
        Assert.Contains("init names 2 nodes", Assert.Single(Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void One_node_named_twice_should_be_one_node()
    {
        var bridge = Start();
        Send(bridge, Init.Replace("[\"n1\"]", "[\"n1\",\"n1\"]", StringComparison.Ordinal),
            Request("poll", 2, ",\"offsets\":{}"));
        KafkaProbe.Reply(new Polled([], KafkaProbe.ExpectMsg<Poll>().RequestId));
        Assert.Contains("poll_ok", StandardOutput.WaitForLines(2)[1], StringComparison.Ordinal);
        Assert.Empty(Notes);
    }

    [Fact]
    public void Line_that_was_too_long_should_be_answered_in_its_place()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        SendHead(bridge, """{"src":"c2","dest":"n1","body":{"msg_id":3,"type":"wal_append"}}""");
        SendHead(bridge, """{"src":"c2","body":{"msg_id":4}}""");
        SendHead(bridge, """{"src":"c2","body":{"msg_id":5,"type":"nope"}}""");
        SendHead(bridge, """{"src":"c2","body":{"msg_id":6,"type":"echo"}}""");
        SendHead(bridge, """{"src":"c2","body":{"msg_id":7,"type":"echo","in_reply_to":1}}""");
        Send(bridge, Append(8));
        Answer(LogProbe.ExpectMsg<Append>());
        LogProbe.Reply(new LogInfo(1, 9, true, 0, 1, LogProbe.ExpectMsg<GetLogInfo>().RequestId));
        Answer(LogProbe.ExpectMsg<Append>(), 1);
        var lines = StandardOutput.WaitForLines(7);
        AssertError(lines[2], 3, 12);
        Assert.Contains("max-line-bytes", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"dest\": \"c2\"", lines[2], StringComparison.Ordinal);
        AssertError(lines[3], 4, 12);
        AssertError(lines[4], 5, 10);
        AssertError(lines[5], 6, 12);
        Assert.Contains("\"in_reply_to\": 8, \"offset\": 1", lines[6], StringComparison.Ordinal);
        Assert.Contains("line 7 is skipped: it is a reply", Assert.Single(Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Line_that_was_too_long_should_be_unavailable_before_init()
    {
        var bridge = Start();
        SendHead(bridge, """{"src":"c2","body":{"msg_id":4}}""");
        SendHead(bridge, """{"src":"c2","body":{"msg_id":5,"type":"wal_append"}}""");
        var lines = StandardOutput.WaitForLines(2);
        AssertError(lines[0], 4, 11);
        AssertError(lines[1], 5, 11);
    }
}
