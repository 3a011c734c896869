using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Tests.Bridge;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Tests.Kafka;

/// <summary>The broker against a probe in the place of all logs.</summary>
public class KafkaBrokerSpec : TestKit
{
    private readonly TestProbe _logs;
    private readonly List<string> _opened = [];

    public KafkaBrokerSpec() => _logs = CreateTestProbe();

    private IActorRef Start(int maxOpenLogs = 8, int maxPollMessages = 10)
    {
        var settings = new KafkaSettings { MaxOpenLogs = maxOpenLogs, MaxPollMessages = maxPollMessages, MaxPollBytes = 100 };
        return Sys.ActorOf(Props.Create<KafkaBroker>(
            settings,
            (Func<string, bool>)(folder => !folder.EndsWith("unknown", StringComparison.Ordinal)),
            (Func<string, Props>)(folder =>
            {
                lock (_opened) _opened.Add(folder);
                return Props.Create<RelayActor>(_logs.Ref);
            })));
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private void Tell(IActorRef broker, KafkaRequest request) => broker.Tell(request, TestActor);

    [Fact]
    public void Message_should_go_to_its_keys_log_which_answers_the_sender_itself()
    {
        var broker = Start();
        Tell(broker, new SendMessage("a", Bytes("1"), 5));
        var append = _logs.ExpectMsg<Append>();
        Assert.Equal(5, append.RequestId);
        Assert.Equal(TestActor, _logs.Sender);
        _logs.Reply(new Appended(0, 5));
        ExpectMsg<Appended>();
        Tell(broker, new SendMessage("a", Bytes("2"), 6));
        _logs.ExpectMsg<Append>();
        Assert.Equal(["keys/k-a"], _opened);
    }

    [Fact]
    public void Longest_unused_log_should_be_synced_and_closed_where_there_is_no_place()
    {
        var broker = Start(maxOpenLogs: 2);
        foreach (string key in new[] { "a", "b", "a", "c", "b" }) Tell(broker, new SendMessage(key, Bytes(key), 0));
        var (payloads, sync) = ExpectAppendsAndSync(3);
        Assert.Equal(["a", "a", "b"], payloads);
        Assert.Equal(["keys/k-a", "keys/k-b"], _opened);
        broker.Tell(new LogSynced(0, sync.RequestId));

        (payloads, sync) = ExpectAppendsAndSync(1);
        Assert.Equal(["c"], payloads);
        broker.Tell(new LogSynced(0, sync.RequestId));
        Assert.Equal("b", Encoding.UTF8.GetString(_logs.ExpectMsg<Append>().Payload.Span));
        Assert.Equal(["keys/k-a", "keys/k-b", "keys/k-c", "keys/k-b"], _opened);
    }

    [Fact]
    public void Poll_should_share_out_what_it_may_give_and_open_no_unknown_log()
    {
        var broker = Start(maxPollMessages: 10);
        Tell(broker, new Poll([new("a", 3), new("unknown", 0), new("b", 0), new("c", 9)], 1));
        var first = _logs.ExpectMsg<ReadBatch>();
        Assert.Equal((3, 3, 25), (first.Offset, first.MaxRecords, first.MaxBytes));
        _logs.Reply(new BatchRead(3, [Bytes("30")], first.RequestId));
        var second = _logs.ExpectMsg<ReadBatch>();
        Assert.Equal((0, 5, 49), (second.Offset, second.MaxRecords, second.MaxBytes));
        _logs.Reply(new BatchRead(0, [Bytes("10"), Bytes("11")], second.RequestId));
        var third = _logs.ExpectMsg<ReadBatch>();
        Assert.Equal((9, 7, 94), (third.Offset, third.MaxRecords, third.MaxBytes));
        _logs.Reply(new RequestFailed(FailureKind.NotFound, "holds 0 to 2", third.RequestId));
        var polled = ExpectMsg<Polled>();
        Assert.Equal([("a", 3L, 1), ("unknown", 0L, 0), ("b", 0L, 2), ("c", 9L, 0)], polled.Messages.Select(key => (key.Key, key.FirstOffset, key.Json.Count)));
    }

    [Fact]
    public void Poll_should_fail_where_a_log_does()
    {
        var broker = Start();
        Tell(broker, new Poll([new("a", 0)], 1));
        _logs.Reply(new RecordDamaged(0, "bit rot", _logs.ExpectMsg<ReadBatch>().RequestId));
        Assert.Equal(new RequestFailed(FailureKind.Unavailable, "bit rot", 1), ExpectMsg<RequestFailed>());
    }

    [Fact]
    public void Commit_should_be_kept_before_it_is_answered_and_only_where_it_moves_on()
    {
        var broker = Start();
        Tell(broker, new CommitOffsets([new("a", 5), new("b", 1)], 1));
        ReadBack("""{"a": 7}""");
        var append = _logs.ExpectMsg<Append>();
        Assert.Equal("""{"b": 1}""", Encoding.UTF8.GetString(append.Payload.Span));
        _logs.Reply(new Appended(1, append.RequestId));
        ExpectMsg(new OffsetsCommitted(1));

        Tell(broker, new CommitOffsets([new("b", 0)], 2));
        ExpectMsg(new OffsetsCommitted(2));
        Tell(broker, new ListCommittedOffsets(["b", "x", "a"], 3));
        Assert.Equal([new("b", 1), new("a", 7)], ExpectMsg<CommittedOffsetsListed>().Offsets);
        Assert.Equal(["committed"], _opened);
    }

    [Fact]
    public void Commit_that_was_not_kept_should_not_count()
    {
        var broker = Start();
        Tell(broker, new CommitOffsets([new("a", 5)], 1));
        ReadBack();
        _logs.Reply(new RequestFailed(FailureKind.Aborted, "no space", _logs.ExpectMsg<Append>().RequestId));
        ExpectMsg(new RequestFailed(FailureKind.Aborted, "no space", 1));
        Tell(broker, new ListCommittedOffsets(["a"], 2));
        Assert.Empty(ExpectMsg<CommittedOffsetsListed>().Offsets);
    }

    [Fact]
    public void Committed_offsets_that_can_not_be_read_should_be_tried_anew()
    {
        var broker = Start();
        Tell(broker, new ListCommittedOffsets(["a"], 1));
        _logs.Reply(new RequestFailed(FailureKind.Unavailable, "locked", _logs.ExpectMsg<ReadBatch>().RequestId));
        ExpectMsg(new RequestFailed(FailureKind.Unavailable, "locked", 1));
        Tell(broker, new ListCommittedOffsets(["a"], 2));
        ReadBack("""{"a": 7}""");
        Assert.Equal([new("a", 7)], ExpectMsg<CommittedOffsetsListed>().Offsets);
    }

    [Fact]
    public void Sync_should_wait_for_every_open_log()
    {
        var broker = Start();
        broker.Tell(new SyncLog(1), TestActor);
        ExpectMsg<LogSynced>();
        Tell(broker, new SendMessage("a", Bytes("1"), 0));
        Tell(broker, new SendMessage("b", Bytes("1"), 0));
        for (int count = 0; count < 2; count++) _logs.ExpectMsg<Append>();
        broker.Tell(new SyncLog(2), TestActor);
        var first = _logs.ExpectMsg<SyncLog>();
        var second = _logs.ExpectMsg<SyncLog>();
        broker.Tell(new RequestFailed(FailureKind.Unavailable, "the disk", first.RequestId));
        broker.Tell(new LogSynced(0, second.RequestId));
        ExpectMsg(new RequestFailed(FailureKind.Unavailable, "the disk", 2));
    }

    // What different logs are told comes in no order.
    private (List<string> Payloads, SyncLog Sync) ExpectAppendsAndSync(int appendCount)
    {
        var payloads = new List<string>();
        SyncLog? sync = null;
        for (int count = 0; count <= appendCount; count++)
        {
            var request = _logs.ExpectMsg<LogRequest>();
            if (request is Append append) payloads.Add(Encoding.UTF8.GetString(append.Payload.Span));
            else sync = Assert.IsType<SyncLog>(request);
        }

        payloads.Sort(StringComparer.Ordinal);
        Assert.NotNull(sync);
        return (payloads, sync);
    }

    private void ReadBack(params string[] records)
    {
        var read = _logs.ExpectMsg<ReadBatch>();
        _logs.Reply(new BatchRead(0, [.. records.Select(Bytes)], read.RequestId));
        if (records.Length == 0) return;
        read = _logs.ExpectMsg<ReadBatch>();
        Assert.Equal(records.Length, read.Offset);
        _logs.Reply(new BatchRead(records.Length, [], read.RequestId));
    }
}
