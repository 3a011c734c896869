using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Node.Tests.Bridge;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Tests;

namespace AkkaWal.Node.Tests.Kafka;

public sealed class CommittedLogSpec : ActorSpec
{
    private const int ManyKeys = 30_000;

    private readonly TestProbe _log;

    public CommittedLogSpec() => _log = CreateTestProbe();

    private static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    private static KeyOffset[] Offsets(long offset) =>
        [.. Enumerable.Range(0, ManyKeys).Select(key => new KeyOffset($"key {key}", offset))];

    private IActorRef Start(long maxBytes = 64 << 20) => Sys.ActorOf(Props.Create<CommittedLog>(
        (Func<Props>)(() => Props.Create<RelayActor>(_log.Ref)), new KafkaSettings { MaxCommittedBytes = maxBytes })
        .WithDeploy(Deploy.Local));

    private void ReadBack(params string[] records)
    {
        var read = _log.ExpectMsg<ReadBatch>();
        _log.Reply(new BatchRead(read.Offset, [.. records.Select(Bytes)], read.RequestId));
        if (records.Length == 0) return;
        var next = _log.ExpectMsg<ReadBatch>();
        Assert.Equal(read.Offset + records.Length, next.Offset);
        _log.Reply(new BatchRead(next.Offset, [], next.RequestId));
    }

    private IReadOnlyList<KeyOffset> List(IActorRef committed, params string[] keys)
    {
        committed.Tell(new ListCommittedOffsets(keys, 99), TestActor);
        return ExpectMsg<CommittedOffsetsListed>().Offsets;
    }

    [Fact]
    public void Commit_should_be_kept_before_it_is_answered_and_only_where_it_moves_on()
    {
        var committed = Start();
        committed.Tell(new CommitOffsets([new("a", 5), new("b", 1)], 1), TestActor);
        ReadBack("""{"a": 7}""");
        var append = _log.ExpectMsg<Append>();
        Assert.Equal("""{"b": 1}""", Text(append.Payload));
        _log.Reply(new Appended(1, append.RequestId));
        ExpectMsg(new OffsetsCommitted(1));

        committed.Tell(new CommitOffsets([new("b", 0)], 2), TestActor);
        ExpectMsg(new OffsetsCommitted(2));
        Assert.Equal([new("b", 1), new("a", 7)], List(committed, "b", "x", "a"));
    }

    [Fact]
    public void Commit_that_was_not_kept_should_not_count()
    {
        var committed = Start();
        committed.Tell(new CommitOffsets([new("a", 5)], 1), TestActor);
        ReadBack();
        _log.Reply(new RequestFailed(FailureKind.Aborted, "no space", _log.ExpectMsg<Append>().RequestId));
        ExpectMsg(new RequestFailed(FailureKind.Aborted, "no space", 1));
        Assert.Empty(List(committed, "a"));
    }

    [Fact]
    public void Offsets_that_can_not_be_read_should_be_read_on_by_the_next_request()
    {
        var committed = Start();
        committed.Tell(new ListCommittedOffsets(["a"], 1), TestActor);
        var read = _log.ExpectMsg<ReadBatch>();
        _log.Reply(new BatchRead(0, [Bytes("""{"a": 3}""")], read.RequestId));
        read = _log.ExpectMsg<ReadBatch>();
        _log.Reply(new RequestFailed(FailureKind.Unavailable, "locked", read.RequestId));
        Assert.Contains("locked", ExpectMsg<RequestFailed>().Reason, StringComparison.Ordinal);
        committed.Tell(new ListCommittedOffsets(["a"], 2), TestActor);
        read = _log.ExpectMsg<ReadBatch>();
        Assert.Equal(1, read.Offset);
        _log.Reply(new BatchRead(1, [], read.RequestId));
        Assert.Equal([new("a", 3)], ExpectMsg<CommittedOffsetsListed>().Offsets);
    }

    [Fact]
    public void Log_that_was_trimmed_should_be_read_from_where_it_starts_now()
    {
        var committed = Start();
        committed.Tell(new ListCommittedOffsets(["a"], 1), TestActor);
        var read = _log.ExpectMsg<ReadBatch>();
        Assert.Equal((0, GapPolicy.Skip), (read.Offset, read.Gaps));
        _log.Reply(new BatchRead(40, [Bytes("""{"a": 3}""")], read.RequestId));
        read = _log.ExpectMsg<ReadBatch>();
        Assert.Equal(41, read.Offset);
        _log.Reply(new BatchRead(41, [], read.RequestId));
        Assert.Equal([new("a", 3)], ExpectMsg<CommittedOffsetsListed>().Offsets);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"a": "b"}""")]
    [InlineData("""{"a": 1.5}""")]
    [InlineData("nothing")]
    public void Record_that_is_no_commit_should_be_told_and_not_be_fatal(string record)
    {
        var committed = Start();
        committed.Tell(new ListCommittedOffsets(["a"], 1), TestActor);
        var read = _log.ExpectMsg<ReadBatch>();
        _log.Reply(new BatchRead(7, [Bytes(record)], read.RequestId));
        var failed = ExpectMsg<RequestFailed>();
        Assert.Equal((FailureKind.Unavailable, 1), (failed.Kind, failed.RequestId));
        Assert.Contains("offset 7", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_should_be_bounded()
    {
        var committed = Start(maxBytes: 200);
        committed.Tell(new CommitOffsets([new("a", 5), new("b", 1), new("c", 1), new("d", 1)], 1), TestActor);
        ReadBack();
        var failed = ExpectMsg<RequestFailed>();
        Assert.Equal((FailureKind.Unavailable, 1), (failed.Kind, failed.RequestId));
        Assert.Contains("max-committed-bytes", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Commits_that_add_up_should_be_compacted_into_a_snapshot_before_older_ones_go()
    {
        var committed = Start();
        committed.Tell(new CommitOffsets(Offsets(0), 1), TestActor);
        ReadBack();
        var round = 0;
        while (true)
        {
            var request = _log.ExpectMsg<LogRequest>();
            if (request is SealActiveSegment) break;
            Assert.True(round < 100, "the log grows without bound");
            _log.Reply(new Appended(round++, request.RequestId));
            ExpectMsg<OffsetsCommitted>();
            committed.Tell(new CommitOffsets(Offsets(round), 1), TestActor);
        }
    }

    [Fact]
    public void Compaction_should_append_all_offsets_behind_the_seal_sync_them_and_then_truncate()
    {
        var committed = Start();
        var last = StartCompaction(committed);
        var seal = Assert.IsType<SealActiveSegment>(_log.ExpectMsg<LogRequest>());

        // A commit that arrives meanwhile is behind the seal and is not deleted.
        committed.Tell(new CommitOffsets([new("late", 1)], 2), TestActor);
        var late = _log.ExpectMsg<Append>();
        _log.Reply(new SegmentSealed("a", "b", seal.RequestId));
        _log.Reply(new Appended(1000, late.RequestId));
        ExpectMsg<OffsetsCommitted>();

        var offsets = new CommittedOffsets();
        long next = 1001;
        LogRequest request;
        while ((request = _log.ExpectMsg<LogRequest>()) is Append record)
        {
            offsets.Advance(CommittedOffsets.Decode(record.Payload.Span));
            _log.Reply(new Appended(next++, record.RequestId));
        }

        Assert.Equal(Offsets(last), offsets.Of([.. Offsets(last).Select(entry => entry.Key)]));
        _log.Reply(new LogSynced(next - 1, Assert.IsType<SyncLog>(request).RequestId));
        Assert.Equal(1001, _log.ExpectMsg<TruncateBefore>().Offset);
    }

    [Theory]
    [InlineData(FailureKind.OutcomeUnknown)]
    [InlineData(FailureKind.Aborted)]
    public void Compaction_that_fails_should_delete_nothing(FailureKind kind)
    {
        var committed = Start();
        StartCompaction(committed);
        _log.Reply(new SegmentSealed("a", "b", _log.ExpectMsg<SealActiveSegment>().RequestId));
        var first = _log.ExpectMsg<Append>();
        _log.Reply(new RequestFailed(kind, "the disk", first.RequestId));
        for (var count = new CommittedOffsetsSize(ManyKeys).SnapshotRecords - 1; count > 0; count--)
            _log.Reply(new Appended(count, _log.ExpectMsg<Append>().RequestId));
        committed.Tell(new CommitOffsets([new("later", 1)], 7), TestActor);
        var later = _log.ExpectMsg<Append>();
        Assert.Equal("""{"later": 1}""", Text(later.Payload));
    }

    [Fact]
    public void Log_that_stops_should_leave_no_request_without_an_answer()
    {
        var committed = Start();
        committed.Tell(new CommitOffsets([new("a", 5)], 1), TestActor);
        ReadBack();
        _log.ExpectMsg<Append>();
        Sys.ActorSelection((committed.Path / "log").ToString()).Tell(PoisonPill.Instance);
        var failed = ExpectMsg<RequestFailed>();
        Assert.Equal((FailureKind.OutcomeUnknown, 1), (failed.Kind, failed.RequestId));
        committed.Tell(new ListCommittedOffsets(["a"], 2), TestActor);
        ReadBack("""{"a": 5}""");
        Assert.Equal([new("a", 5)], ExpectMsg<CommittedOffsetsListed>().Offsets);
    }

    // Sends enough commits to start a compaction.
    private long StartCompaction(IActorRef committed)
    {
        var size = new CommittedOffsetsSize(ManyKeys);
        long offset = 0;
        for (long bytes = 0; bytes <= Math.Max(CommittedLog.LeastCompactedBytes,
            CommittedLog.Growth * size.Bytes); offset++)
        {
            committed.Tell(new CommitOffsets(Offsets(offset), 1), TestActor);
            if (offset == 0) ReadBack();
            var append = _log.ExpectMsg<Append>();
            bytes += append.Payload.Length;
            _log.Reply(new Appended(offset, append.RequestId));
            ExpectMsg<OffsetsCommitted>();
        }

        return offset - 1;
    }

    // The size of a number of keys.
    private sealed class CommittedOffsetsSize
    {
        private readonly CommittedOffsets _offsets = new();

        public CommittedOffsetsSize(int keys) =>
            _offsets.Advance([.. Enumerable.Range(0, keys).Select(key => new KeyOffset($"key {key}", 0))]);

        public long Bytes => _offsets.SizeBytes;

        public int SnapshotRecords => _offsets.Snapshot().Count;
    }
}
