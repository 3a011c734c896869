using System.Buffers;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Segments;

/// <summary>
/// Too many open files, and no memory: a request that fails for that reason says so, idle readers are closed, and the
/// next try works.
/// </summary>
public sealed class DescriptorLackSpec : LogSpec
{
    private const int SegmentCount = 8;

    private static readonly WalOptions OneRecordASegment = new() { MaxSegmentBytes = 1 };

    private readonly FaultyFiles _files;
    private int _limit = int.MaxValue;

    public DescriptorLackSpec() => _files = new FaultyFiles(Disk)
    {
        Faults = call => call.Word is "open" or "open to write" or "open directory"
            && OpenCount >= Volatile.Read(ref _limit) ? DiskFault.NoDescriptors : null,
    };

    private int OpenCount => Disk.OpenHandleCount + _files.OpenDirectoryCount;

    [Fact]
    public void Read_that_lacks_descriptors_should_let_go_of_idle_segments_and_work()
    {
        var log = StartWithSegments();
        for (var i = 0; i < 5; i++) Assert.Equal($"record {i}", ReadText(log, i));
        _limit = OpenCount;
        for (var round = 0; round < 3; round++)
            for (var i = 0; i < SegmentCount; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Assert.Equal(SegmentCount - 1, Ask<BatchRead>(log, new ReadBatch(1)).Payloads.Count);
    }

    [Fact]
    public void Roll_that_lacks_descriptors_should_let_go_of_idle_segments_and_work()
    {
        var log = StartWithSegments();
        for (var i = 0; i < 5; i++) ReadText(log, i);
        _limit = OpenCount + 1;
        AppendTexts(log, 4, SegmentCount);
        Assert.Equal($"record {SegmentCount + 3}", ReadText(log, SegmentCount + 3));
    }

    [Fact]
    public void What_lacks_descriptors_that_nobody_can_give_should_be_aborted_and_work_when_there_are_some()
    {
        var log = StartWithSegments();
        _limit = OpenCount;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
            Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
            Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new Read(i)).Kind);
            Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new ReadBatch(i)).Kind);
            var failed = Ask<RequestFailed>(log, new DeleteSegment("00000000.log"));
            Assert.Equal(FailureKind.Aborted, failed.Kind);
            Assert.Contains("Too many open files", failed.Reason, StringComparison.Ordinal);
        }
        _limit = int.MaxValue;
        AppendTexts(log, 2, SegmentCount);
        for (var i = 0; i < SegmentCount + 2; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Ask<SegmentDeleted>(log, new DeleteSegment("00000000.log"));
    }

    [Fact]
    public void Opening_that_lacks_descriptors_should_be_aborted_and_work_when_there_are_some()
    {
        StopLog(StartWithSegments());
        _limit = 0;
        var log = StartLog(OneRecordASegment, files: _files);
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
        _limit = int.MaxValue;
        AwaitAssert(() => Assert.IsType<LogInfo>(Ask<LogReply>(log, new GetLogInfo())), Patience);
        AppendTexts(log, 1, SegmentCount);
    }

    [Fact]
    public void Segment_of_a_roll_that_can_not_be_opened_should_be_when_there_are_descriptors()
    {
        var log = StartWithSegments();
        // The roll gets two descriptors, and frees them before its successor opens its files.
        var opens = 0;
        _files.Faults = call => call.Word is "open" or "open to write"
            && call.Path.EndsWith("00000008.log", StringComparison.Ordinal)
            && ++opens <= 2 ? DiskFault.NoDescriptors : null;
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, AppendOf("refused")).Kind);
        _files.Faults = null;
        AwaitAssert(() => Assert.IsType<Appended>(Ask<LogReply>(log, AppendOf("record 8"))), Patience);
        Assert.Equal("record 8", ReadText(log, SegmentCount));
    }

    [Fact]
    public void Log_that_lacks_descriptors_should_get_those_of_other_logs_that_are_idle()
    {
        var first = StartWithSegments();
        for (var i = 0; i < SegmentCount - 1; i++) ReadText(first, i);
        _limit = OpenCount + 2;
        var second = StartLog(OneRecordASegment, s => s with { Directory = "/other" }, _files);
        AwaitAssert(() => Assert.IsType<Appended>(Ask<LogReply>(second, AppendOf("x"))), Patience);
    }

    [Fact]
    public void Reads_that_wait_for_descriptors_should_be_answered_when_the_log_stops()
    {
        var log = StartWithSegments();
        for (var i = 0; i < 5; i++) ReadText(log, i);
        _limit = OpenCount;
        var asker = CreateTestProbe();
        for (var i = 0; i < 50; i++) log.Tell(new Read(i % SegmentCount, i), asker.Ref);
        StopLog(log);
        var answered = asker.ReceiveN(50, Patience).Cast<LogReply>().Select(reply => reply.RequestId);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), answered.Order());
        Assert.Equal((0, 0), (OpenCount, Disk.HeldLockCount));
    }

    [Fact]
    public void Batch_that_memory_runs_out_for_should_be_aborted_whole_and_leave_nothing_in_the_commit()
    {
        using var directory = LogDirectory.Open(Disk, Directory, new WalOptions(), static _ => { });
        var (writer, _) = directory.OpenActive(static _ => { });
        var (manager, asker) = (CreateTestProbe(), CreateTestProbe());
        var active = new ActiveSegment(
            writer,
            FlushPolicy.Always,
            manager.Ref,
            TestActor,
            () => TestActor,
            new TailState(1 << 20, LogMetrics.OfNone));
        using var none = new NoMemory();
        active.Stage(AppendOf("first", 1), asker.Ref);
        var refused = new IAppend[]
        {
            new Append(none.Memory, 2), new AppendBatch([new byte[] { 1 }, new byte[] { 2 }, none.Memory], 3),
        };
        foreach (var request in refused)
        {
            active.Stage(request, asker.Ref);
            var failed = asker.ExpectMsg<RequestFailed>(Patience);
            Assert.Equal((request.RequestId, FailureKind.Aborted), (failed.RequestId, failed.Kind));
            Assert.Equal(Requests.PendingBytesOf(request), manager.ExpectMsg<Credit>(Patience).Bytes);
        }
        active.Stage(AppendOf("second", 4), asker.Ref);
        Assert.True(active.Commit());
        active.Close();
        Assert.Equal(
            [(1L, 0L), (4L, 1L)],
            asker.ReceiveN(2, Patience).Cast<Appended>().Select(reply => (reply.RequestId, reply.Offset)));
        directory.Dispose();
        using var log = SegmentedLog.Open(Directory, null, Disk);
        Assert.Equal(2, log.NextOffset);
        Assert.Equal("second"u8.ToArray(), log.Read(1));
    }

    private IActorRef StartWithSegments()
    {
        var log = StartLog(OneRecordASegment, files: _files);
        AppendTexts(log, SegmentCount);
        return log;
    }

    // A payload of one byte that throws when it is read.
    private sealed class NoMemory : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => throw new InsufficientMemoryException("for the test");

        public override Memory<byte> Memory => CreateMemory(1);

        public override MemoryHandle Pin(int elementIndex = 0) => throw new InsufficientMemoryException("for the test");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
