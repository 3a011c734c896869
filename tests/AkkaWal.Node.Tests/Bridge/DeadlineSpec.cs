using Akka.Actor;
using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>When requests are given up, and the replies that they get: the rule of docs/PROTOCOL.md.</summary>
public sealed class DeadlineSpec : BridgeSpec
{
    private static readonly TimeSpan Timeout = new NodeSettings().RequestTimeout;

    [Fact]
    public void Overdue_request_should_be_answered_as_unknown_and_its_late_answer_dropped()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        var append = LogProbe.ExpectMsg<Append>();
        Pass(Timeout / 2);
        Send(bridge, Request("wal_info", 3));
        AwaitHandled(bridge);
        Pass(Timeout / 2);
        AssertError(StandardOutput.WaitForLines(2)[1], 2, 13);
        var info = LogProbe.ExpectMsg<GetLogInfo>();
        Answer(append);
        bridge.Tell(new LogInfo(1, 9, true, 0, 1, info.RequestId));
        Assert.Contains("wal_info_ok", StandardOutput.WaitForLines(3)[2], StringComparison.Ordinal);
        AwaitHandled(bridge);
        Assert.Contains("came after its request was answered", Assert.Single(Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_that_is_in_when_the_deadline_is_looked_at_should_count()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        var append = LogProbe.ExpectMsg<Append>();
        AwaitHandled(bridge);
        Clock.WhenLookedAt = () => bridge.Tell(new Appended(0, append.RequestId));
        Pass(2 * Timeout);
        Assert.Contains("wal_append_ok", StandardOutput.WaitForLines(2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Request_that_was_not_begun_in_time_should_be_told_that_it_did_not_happen()
    {
        var bridge = Start();
        Send(bridge, Init, Request("wal_sync", 2), Append(3), Request("wal_segment_seal", 4));
        var sync = LogProbe.ExpectMsg<SyncLog>();
        AwaitHandled(bridge);
        Pass(Timeout);
        var lines = StandardOutput.WaitForLines(4);
        AssertError(lines[1], 2, 13);
        Assert.Contains("not known", lines[1], StringComparison.Ordinal);
        foreach (var id in new[] { 3, 4 })
        {
            AssertError(lines[id - 1], id, 11);
            Assert.Contains("did not happen", lines[id - 1], StringComparison.Ordinal);
            Assert.DoesNotContain("not known", lines[id - 1], StringComparison.Ordinal);
        }

        Answer(new Append(default, sync.RequestId));
        Send(bridge, Append(5));
        Assert.Equal(4, LogProbe.ExpectMsg<Append>().RequestId);
    }

    [Fact]
    public void Request_without_msg_id_that_is_not_begun_in_time_should_be_noted()
    {
        var bridge = Start();
        Send(bridge, Init, Request("wal_sync", 2),
            """{"src":"c1","dest":"n1","body":{"type":"wal_append","payload":"x"}}""");
        LogProbe.ExpectMsg<SyncLog>();
        AwaitHandled(bridge);
        Pass(Timeout);
        StandardOutput.WaitForLines(2);
        AwaitHandled(bridge);
        Assert.Contains("a request of c1 without msg_id is not carried out", Assert.Single(Notes),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Time_should_count_from_when_a_request_was_read_and_not_from_when_it_was_begun()
    {
        var bridge = Start();
        Send(bridge, Init, Request("wal_sync", 2));
        LogProbe.ExpectMsg<SyncLog>();
        Pass(Timeout / 4);
        Send(bridge, Append(3));
        AwaitHandled(bridge);
        Pass(Timeout * 3 / 4);
        AssertError(StandardOutput.WaitForLines(2)[1], 2, 13);
        LogProbe.ExpectMsg<Append>();
        Pass(Timeout / 4);
        AssertError(StandardOutput.WaitForLines(3)[2], 3, 13);
    }

    [Fact]
    public void Requests_that_come_at_once_should_not_all_count_as_read_at_once()
    {
        const int Count = 100;
        var bridge = Start();
        Send(bridge, [Init, .. Enumerable.Range(2, Count).Select(id => Request("wal_info", id))]);
        for (var index = 0; index < Count; index++)
        {
            var info = LogProbe.ExpectMsg<GetLogInfo>();
            Pass(Timeout / (2 * RequestQueue.MostReadAhead));
            LogProbe.Reply(new LogInfo(0, 0, true, 0, 0, info.RequestId));
        }

        Assert.All(StandardOutput.WaitForLines(Count + 1).Skip(1), line =>
            Assert.Contains("wal_info_ok", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Process_that_was_stopped_for_a_while_should_give_nothing_up()
    {
        var bridge = Start();
        Send(bridge, Init, Append(2));
        var append = LogProbe.ExpectMsg<Append>();
        AwaitHandled(bridge);
        Clock.Advance(TimeSpan.FromHours(1));
        Time.Beat();
        bridge.Tell(DeadlineTick.Instance);
        AwaitHandled(bridge);
        Answer(append);
        Assert.Contains("wal_append_ok", StandardOutput.WaitForLines(2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void No_time_should_pass_while_nobody_reads_the_replies()
    {
        var bridge = Start(new NodeSettings { OutputBytes = 1 });
        StandardOutput.Stop();
        Send(bridge, Init, Append(2), Request("wal_sync", 3), Append(4));
        var append = LogProbe.ExpectMsg<Append>();
        AwaitHandled(bridge);
        Pass(10 * Timeout);
        Answer(append);
        StandardOutput.GoOn();
        LogProbe.Reply(new LogSynced(0, LogProbe.ExpectMsg<SyncLog>().RequestId));
        Answer(LogProbe.ExpectMsg<Append>(), 1);
        var lines = StandardOutput.WaitForLines(4);
        Assert.Equal(["wal_append_ok", "wal_sync_ok", "wal_append_ok"], lines[1..].Select(TypeOf));
    }

    [Fact]
    public void Request_behind_a_slow_one_should_have_as_long_as_that()
    {
        var slow = TimeSpan.FromSeconds(60);
        var bridge = Start(new NodeSettings { MaintenanceTimeout = slow });
        Send(bridge, Init, Request("wal_segment_compress", 2, ",\"file\":\"00000000.log\""), Append(3));
        LogProbe.ExpectMsg<CompressSegment>();
        LogProbe.ExpectMsg<Append>();
        AwaitHandled(bridge);
        Pass(slow - Timeout);
        AwaitHandled(bridge);
        Assert.Single(StandardOutput.Lines);
        Pass(Timeout);
        var lines = StandardOutput.WaitForLines(3);
        AssertError(lines[1], 2, 13);
        Assert.Contains("maintenance-timeout", lines[1], StringComparison.Ordinal);
        AssertError(lines[2], 3, 13);
    }

    private static string TypeOf(string line)
    {
        const string Label = "\"type\": \"";
        var start = line.IndexOf(Label, StringComparison.Ordinal) + Label.Length;
        return line[start..line.IndexOf('"', start)];
    }
}
