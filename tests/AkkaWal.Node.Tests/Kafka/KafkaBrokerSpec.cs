using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Tests.Kafka;

/// <summary>The logs that the broker opens, closes and sends to, and what happens to requests when it fails.</summary>
public sealed class KafkaBrokerSpec : KafkaBrokerFixture
{
    [Fact]
    public void Message_should_go_to_its_keys_log_which_answers_the_sender_itself()
    {
        var broker = Start();
        Tell(broker, new SendMessage("a", Bytes("1"), 5));
        var append = Logs.ExpectMsg<Append>();
        Assert.Equal(5, append.RequestId);
        Assert.Equal(TestActor, Logs.Sender);
        Logs.Reply(new Appended(0, 5));
        ExpectMsg<Appended>();
        Tell(broker, new SendMessage("a", Bytes("2"), 6));
        Logs.ExpectMsg<Append>();
        Assert.Equal(["keys/k-a"], Opened);
    }

    [Fact]
    public void Longest_unused_log_should_be_synced_and_closed_where_there_is_no_place()
    {
        var broker = Start(maxOpenLogs: 2);
        foreach (var key in new[] { "a", "b", "a", "c", "b" }) Tell(broker, new SendMessage(key, Bytes(key), 0));
        var (payloads, sync) = ExpectAppendsAndSync(3);
        Assert.Equal(["a", "a", "b"], payloads);
        Assert.Equal(["keys/k-a", "keys/k-b"], Opened);
        broker.Tell(new LogSynced(0, sync.RequestId));

        (payloads, sync) = ExpectAppendsAndSync(1);
        Assert.Equal(["c"], payloads);
        broker.Tell(new LogSynced(0, sync.RequestId));
        Assert.Equal("b", Text(Logs.ExpectMsg<Append>().Payload));
        Assert.Equal(["keys/k-a", "keys/k-b", "keys/k-c", "keys/k-b"], Opened);
    }

    [Fact]
    public void Commits_should_go_to_their_own_log_and_not_need_a_keys_place()
    {
        var broker = Start(maxOpenLogs: 1);
        Tell(broker, new SendMessage("a", Bytes("1"), 1));
        Logs.ExpectMsg<Append>();
        Tell(broker, new ListCommittedOffsets(["a"], 2));
        var read = Logs.ExpectMsg<ReadBatch>();
        Logs.Reply(new BatchRead(0, [], read.RequestId));
        Assert.Empty(ExpectMsg<CommittedOffsetsListed>().Offsets);
        Assert.Equal(["keys/k-a", "committed"], Opened);
    }

    [Fact]
    public void Sync_should_wait_for_every_open_log()
    {
        var broker = Start();
        broker.Tell(new SyncLog(1), TestActor);
        ExpectMsg<LogSynced>();
        Tell(broker, new SendMessage("a", Bytes("1"), 0));
        Tell(broker, new SendMessage("b", Bytes("1"), 0));
        for (var count = 0; count < 2; count++) Logs.ExpectMsg<Append>();
        broker.Tell(new SyncLog(2), TestActor);
        var first = Logs.ExpectMsg<SyncLog>();
        var second = Logs.ExpectMsg<SyncLog>();
        broker.Tell(new RequestFailed(FailureKind.Unavailable, "the disk", first.RequestId));
        broker.Tell(new LogSynced(0, second.RequestId));
        ExpectMsg(new RequestFailed(FailureKind.Unavailable, "the disk", 2));
    }

    [Fact]
    public async Task Keys_of_another_process_should_be_refused_until_it_lets_go_of_them()
    {
        var isLocked = true;
        var own = Own;
        Own = () => Volatile.Read(ref isLocked) ? throw Locked() : own();
        var broker = Start();
        KafkaRequest[] requests =
        [
            new SendMessage("a", Bytes("1"), 1), new Poll([new("a", 0)], 2), new CommitOffsets([], 3),
                new ListCommittedOffsets([], 4),
        ];
        foreach (var request in requests)
        {
            Tell(broker, request);
            var refused = ExpectMsg<RequestFailed>();
            Assert.Equal((FailureKind.Unavailable, request.RequestId), (refused.Kind, refused.RequestId));
            Assert.Contains("locked by process 7", refused.Reason, StringComparison.Ordinal);
        }

        Volatile.Write(ref isLocked, false);

        // The lock is tried again at intervals, and not at each request.
        for (var id = 5; OwnedCount == 0; id++)
        {
            Tell(broker, new Poll([], id));
            Assert.Equal(id, ExpectMsg<LogReply>().RequestId);
        }

        await broker.GracefulStop(TimeSpan.FromMinutes(1));
        Assert.Equal(0, OwnedCount);
    }

    [Fact]
    public void Failure_of_the_broker_should_answer_what_it_had()
    {
        var broker = Start(maxOpenLogs: 1);
        Tell(broker, new SendMessage("a", Bytes("1"), 1));
        Logs.ExpectMsg<Append>();
        Tell(broker, new SendMessage("b", Bytes("1"), 2));
        Logs.ExpectMsg<SyncLog>();
        Tell(broker, new Poll([new("c", 0)], 3));
        Closed.ExpectMsg<ReadClosed>();

        // Simulates a bug. It does not matter which message triggers it.
        Own = () => throw new InvalidOperationException("a bug");
        broker.Tell(new Poll(null!, 4), TestActor);
        var refused = new[] { ExpectMsg<RequestFailed>(), ExpectMsg<RequestFailed>(), ExpectMsg<RequestFailed>() };
        Assert.Equal([2L, 3, 4], refused.Select(reply => reply.RequestId).Order());
        Assert.All(refused, reply => Assert.Equal(FailureKind.Unavailable, reply.Kind));
    }

    // Messages to different logs come in no fixed order.
    private (List<string> Payloads, SyncLog Sync) ExpectAppendsAndSync(int appendCount)
    {
        var payloads = new List<string>();
        SyncLog? sync = null;
        for (var count = 0; count <= appendCount; count++)
        {
            var request = Logs.ExpectMsg<LogRequest>();
            if (request is Append append) payloads.Add(Text(append.Payload));
            else sync = Assert.IsType<SyncLog>(request);
        }

        payloads.Sort(StringComparer.Ordinal);
        Assert.NotNull(sync);
        return (payloads, sync);
    }
}
