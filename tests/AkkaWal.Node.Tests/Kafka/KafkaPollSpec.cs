using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Kafka;

/// <summary>The logs that a poll reads, and what it makes of their replies.</summary>
public sealed class KafkaPollSpec : KafkaBrokerFixture
{
    private Dictionary<string, ReadClosed> ExpectReads(int count) => Enumerable.Range(0, count)
        .Select(_ => Closed.ExpectMsg<ReadClosed>()).ToDictionary(read => read.Folder["keys/k-".Length..]);

    private static void Answer(IActorRef broker, ReadClosed read, long end, params string[] json) =>
        broker.Tell(new ClosedRead(read.Offset, [.. json.Select(Bytes)], end, read.RequestId));

    private void Open(IActorRef broker, string key)
    {
        Tell(broker, new SendMessage(key, Bytes("1"), 0));
        Logs.ExpectMsg<Append>();
    }

    private (string Key, long FirstOffset, string Json)[] ExpectPolled() =>
        [.. ExpectMsg<Polled>()
            .Messages.Select(key => (key.Key, key.FirstOffset, string.Join(' ', key.Json.Select(Text))))];

    [Fact]
    public void Poll_of_closed_logs_should_open_none_and_close_none()
    {
        var broker = Start(maxOpenLogs: 1);
        Open(broker, "open");
        Tell(broker, new Poll([new("a", 3), new("b", 0)], 1));
        var reads = ExpectReads(2);
        Answer(broker, reads["b"], 1, "10");
        Answer(broker, reads["a"], 4, "30");
        Assert.Equal([("a", 3, "30"), ("b", 0, "10")], ExpectPolled());
        Assert.Equal(["keys/k-open"], Opened);
        Assert.False(Logs.HasMessages);
    }

    [Fact]
    public void Keys_should_be_read_at_the_same_time_and_only_a_few_of_them()
    {
        var broker = Start();
        Tell(broker, new Poll([.. "abcdef".Select(key => new KeyOffset($"{key}", 0))], 1));
        var reads = ExpectReads(4);
        broker.Tell(new Identify(0), TestActor);
        ExpectMsg<ActorIdentity>();
        Assert.False(Closed.HasMessages);
        foreach (var read in reads.Values) Answer(broker, read, 0);
        foreach (var read in ExpectReads(2).Values) Answer(broker, read, 0);
        Assert.Equal(6, ExpectMsg<Polled>().Messages.Count);
    }

    [Fact]
    public void What_a_poll_may_give_should_be_shared_out_and_what_is_left_given_to_whoever_has_more()
    {
        var broker = Start(maxPollMessages: 10);
        Tell(broker, new Poll([new("a", 0), new("b", 0)], 1));
        var reads = ExpectReads(2);
        Assert.Equal([(5, 50), (5, 50)], reads.Values.Select(read => (read.MaxRecords, read.MaxBytes)));
        Answer(broker, reads["b"], 1, "1");
        Answer(broker, reads["a"], 99, "1", "2", "3", "4", "5");
        var more = ExpectReads(1)["a"];
        Assert.Equal((5, 4, 94), (more.Offset, more.MaxRecords, more.MaxBytes));
        Answer(broker, more, 99, "6", "7", "8", "9");
        Assert.Equal([("a", 0, "1 2 3 4 5 6 7 8 9"), ("b", 0, "1")], ExpectPolled());
    }

    [Fact]
    public void Closed_log_that_is_known_should_not_be_read_again_until_it_was_opened()
    {
        var broker = Start();
        Tell(broker, new Poll([new("a", 0)], 1));
        Answer(broker, ExpectReads(1)["a"], 2, "1", "2");
        Assert.Equal([("a", 0, "1 2")], ExpectPolled());
        foreach (var (from, json) in new[] { (0, "1 2"), (1, "2"), (2, ""), (7, "") })
        {
            Tell(broker, new Poll([new("a", from)], 2));
            Assert.Equal([("a", from, json)], ExpectPolled());
        }

        Open(broker, "a");
        Tell(broker, new Poll([new("a", 0)], 3));
        Assert.Equal(0, Logs.ExpectMsg<ReadBatch>().Offset);
    }

    [Fact]
    public void Log_that_only_its_writer_can_read_should_be_opened()
    {
        var broker = Start();
        Tell(broker, new Poll([new("a", 3)], 1));
        broker.Tell(new OpeningNeeded(ExpectReads(1)["a"].RequestId));
        var read = Logs.ExpectMsg<ReadBatch>();
        Assert.Equal((3, 10, 100, GapPolicy.Skip), (read.Offset, read.MaxRecords, read.MaxBytes, read.Gaps));
        Logs.Reply(new BatchRead(3, [Bytes("30")], read.RequestId));
        Assert.Equal([("a", 3, "30")], ExpectPolled());
    }

    [Fact]
    public void Poll_of_a_log_that_is_closing_should_read_it_when_it_is_closed()
    {
        var broker = Start(maxOpenLogs: 1);
        Open(broker, "a");
        Tell(broker, new SendMessage("b", Bytes("1"), 0));
        var sync = Logs.ExpectMsg<SyncLog>();
        Tell(broker, new Poll([new("a", 0)], 1));
        broker.Tell(new LogSynced(0, sync.RequestId));
        Answer(broker, ExpectReads(1)["a"], 1, "1");
        Assert.Equal([("a", 0, "1")], ExpectPolled());
        Assert.Equal(["keys/k-a", "keys/k-b"], Opened);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Poll_below_a_trimmed_head_should_go_on_at_the_first_offset_there_is(bool isOpen)
    {
        var broker = Start();
        if (isOpen) Open(broker, "a");
        Tell(broker, new Poll([new("a", 0)], 1));
        if (isOpen)
        {
            var read = Logs.ExpectMsg<ReadBatch>();
            Assert.Equal(GapPolicy.Skip, read.Gaps);
            Logs.Reply(new BatchRead(25, [Bytes("25")], read.RequestId));
        }
        else
        {
            broker.Tell(new ClosedRead(25, [Bytes("25")], 26, ExpectReads(1)["a"].RequestId));
        }

        Assert.Equal([("a", 25, "25")], ExpectPolled());
    }

    [Fact]
    public void Poll_should_fail_where_a_log_does_and_once()
    {
        var broker = Start();
        Open(broker, "a");
        Open(broker, "b");
        Tell(broker, new Poll([new("a", 0), new("b", 0)], 1));
        foreach (var read in new[] { Logs.ExpectMsg<ReadBatch>(), Logs.ExpectMsg<ReadBatch>() })
            broker.Tell(new RecordDamaged(0, "bit rot", read.RequestId));
        Assert.Equal(new RequestFailed(FailureKind.Unavailable, "bit rot", 1), ExpectMsg<RequestFailed>());
        Tell(broker, new Poll([], 2));
        Assert.Equal(2, ExpectMsg<Polled>().RequestId);
    }

    [Fact]
    public void Poll_behind_a_logs_end_should_be_empty()
    {
        var broker = Start();
        Open(broker, "a");
        Tell(broker, new Poll([new("a", 9)], 1));
        Logs.Reply(new RequestFailed(FailureKind.NotFound, "holds 0 to 2", Logs.ExpectMsg<ReadBatch>().RequestId));
        Assert.Equal([("a", 9, "")], ExpectPolled());
    }
}
