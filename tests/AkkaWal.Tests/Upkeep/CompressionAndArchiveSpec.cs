using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Upkeep;

/// <summary>Sealed segments are compressed and archived while the log is in use.</summary>
public sealed class CompressionAndArchiveSpec : LogSpec
{
    private const string ArchiveDirectory = "/archive";

    private static readonly WalOptions Small = new() { MaxSegmentBytes = 4000 };

    private static byte[] Payload(long i) =>
        Encoding.UTF8.GetBytes($"record {i} {string.Concat(Enumerable.Repeat("some text, ", 20))}");

    private IActorRef Start(Func<WalSettings, WalSettings>? adjust = null) =>
        StartLog(Small, s => (adjust ?? (x => x))(s with { ArchiveDirectory = ArchiveDirectory }));

    private IActorRef StartWithRecords(int count)
    {
        var log = Start();
        var probe = CreateTestProbe();
        for (var i = 0; i < count; i++) log.Tell(new Append(Payload(i), i), probe.Ref);
        probe.ReceiveN(count, Patience);
        return log;
    }

    private void AssertAllReadable(IActorRef log, int count)
    {
        for (var i = 0; i < count; i++) Assert.Equal(Payload(i), Ask<RecordRead>(log, new Read(i)).Payload.ToArray());
    }

    private string ArchivePath(string name) => $"{ArchiveDirectory}/{Disk.List(ArchiveDirectory).Single().Name}/{name}";

    [Fact]
    public void Compress_should_keep_records_names_and_positions()
    {
        var log = StartWithRecords(60);
        var before = Ask<RecordLocated>(log, new Locate(3));
        var size = Ask<SegmentList>(log, new GetSegments()).Segments[0].SizeBytes;
        var reply = Ask<SegmentCompressed>(log, new CompressSegment("00000000.log", 7));
        Assert.Equal(("00000000.log", size, 7), (reply.File, reply.SizeBytes, reply.RequestId));
        Assert.Equal(Disk.Stat(Directory + "/00000000.logz")!.Value.LengthBytes, reply.StoredBytes);
        Assert.True(reply.StoredBytes < size / 2);
        Assert.Equal(before, Ask<RecordLocated>(log, new Locate(3)));
        AssertAllReadable(log, 60);
        Assert.Equal(60, Ask<BatchRead>(log, new ReadBatch(0)).Payloads.Count);
        var segment = Ask<SegmentList>(log, new GetSegments()).Segments[0];
        Assert.Equal(
            (SegmentState.Sealed | SegmentState.Compressed, (long?)reply.StoredBytes, size),
            (segment.State, segment.StoredBytes, segment.SizeBytes));
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Kind);
    }

    [Fact]
    public void Compress_should_refuse_what_does_not_shrink()
    {
        var log = Start();
        var random = new Random(1);
        for (var i = 0; i < 10; i++)
        {
            var bytes = new byte[900];
            random.NextBytes(bytes);
            Ask<Appended>(log, new Append(bytes));
        }
        Assert.Contains(
            "stays as it is", Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Reason,
            StringComparison.Ordinal);
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Kind);
        Assert.Null(Ask<SegmentList>(log, new GetSegments()).Segments[0].StoredBytes);
    }

    [Theory]
    [InlineData("/00000000.logz.tmp", true)]
    [InlineData("/00000000.log.tmp", false)]
    public void Work_should_be_given_up_where_the_log_is_about_to_be_closed(string file, bool isCompression)
    {
        var log = StartWithRecords(60);
        var closer = CreateTestProbe();
        Disk.Faults = operation =>
        {
            if (!Is(operation, DiskOperationKind.Create, file)) return null;
            log.Tell(new EndMaintenance(), closer.Ref);
            log.Tell(new GetLogInfo(), closer.Ref);
            closer.ExpectMsg<LogInfo>(Patience);
            return null;
        };
        LogRequest work = isCompression ? new CompressSegment("00000000.log") : new ArchiveSegment("00000000.log");
        var refusal = Ask<RequestFailed>(log, work);
        Assert.Equal(
            (FailureKind.Unavailable, "the log is about to be closed"), (refusal.Kind, refusal.Reason));
        Disk.Faults = null;
        Assert.Equal(SegmentState.Sealed, Ask<SegmentList>(log, new GetSegments()).Segments[0].State);
        Assert.Equal(60, Ask<Appended>(log, new Append(Payload(60))).Offset);
        AssertAllReadable(log, 61);
        StopLog(log);
    }

    [Fact]
    public void Archive_should_move_the_segment_and_read_it_from_there()
    {
        var log = StartWithRecords(60);
        Ask<SegmentCompressed>(log, new CompressSegment("00000000.log"));
        var first = Ask<SegmentArchived>(log, new ArchiveSegment("00000000.log"));
        Assert.Equal(ArchivePath("00000000.logz"), first.ArchivedTo);
        var second = Ask<SegmentList>(log, new GetSegments()).Segments[1].File;
        Assert.Equal(ArchivePath(second), Ask<SegmentArchived>(log, new ArchiveSegment(second)).ArchivedTo);
        AssertAllReadable(log, 60);
        Assert.DoesNotContain(
            Disk.List(Directory),
            e => e.Name.StartsWith("00000000", StringComparison.Ordinal)
                || e.Name.StartsWith(second, StringComparison.Ordinal));
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new ArchiveSegment(second)).Kind);
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new CompressSegment(second)).Kind);
        StopLog(log);
        log = Start();
        AssertAllReadable(log, 60);
        Ask<SegmentDeleted>(log, new DeleteSegment(second));
        var place = $"{ArchiveDirectory}/{Disk.List(ArchiveDirectory).Single().Name}";
        Assert.Equal(["00000000.index", "00000000.logz", "OWNER"], Disk.List(place).Select(e => e.Name).Order());
    }

    [Fact]
    public void Archive_out_of_reach_should_fail_the_reads_that_need_it_and_nothing_else()
    {
        var log = StartWithRecords(60);
        Ask<SegmentArchived>(log, new ArchiveSegment("00000000.log"));
        StopLog(log);
        // Now no archive is configured.
        log = StartLog(Small);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new Read(0)).Kind);
        var next = Ask<SegmentList>(log, new GetSegments()).Segments[1].StartOffset;
        Assert.Equal(Payload(next), Ask<RecordRead>(log, new Read(next)).Payload.ToArray());
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new ArchiveSegment($"{next:D8}.log")).Kind);
        Ask<Appended>(log, new Append(Payload(60)));
        StopLog(log);
        log = Start();
        Disk.ReadFaults = (path, _) => path.StartsWith(ArchiveDirectory, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new Read(0)).Kind);
        Disk.ReadFaults = null;
        Assert.Equal(Payload(0), Ask<RecordRead>(log, new Read(0)).Payload.ToArray());
    }

    [Fact]
    public void Archive_that_is_absent_should_be_told_hold_up_nobody_else_and_heal_when_it_is_back()
    {
        var log = StartWithRecords(60);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments;
        var (archived, beside) = (segments[0], segments[1]);
        Ask<SegmentArchived>(log, new ArchiveSegment(archived.File));
        var path = ArchivePath(archived.File);
        Disk.MoveDirectory(ArchiveDirectory, "/unmounted");
        AssertAbsent(log);
        // The same holds for a log that is opened meanwhile.
        StopLog(log);
        log = Start();
        AssertAbsent(log);
        // An empty mount point is no archive either.
        Disk.CreateDirectory(ArchiveDirectory);
        AssertAbsent(log);
        Assert.Empty(Disk.List(ArchiveDirectory));
        Disk.MoveDirectory(ArchiveDirectory, "/mount-point");

        Disk.MoveDirectory("/unmounted", ArchiveDirectory);
        Assert.Equal(Payload(0), Ask<RecordRead>(log, new Read(0)).Payload.ToArray());
        Assert.Equal(Payload(0), Ask<BatchRead>(log, new ReadBatch(0)).Payloads[0].ToArray());
        Ask<SegmentArchived>(log, new ArchiveSegment(beside.File));
        AssertAllReadable(log, 63);

        void AssertAbsent(IActorRef asked)
        {
            var sizeBefore = Ask<LogInfo>(asked, new GetLogInfo()).NextOffset;
            foreach (var request in new LogRequest[] { new Read(0), new ReadBatch(0), new Read(archived.EndOffset) })
            {
                var refused = Ask<RequestFailed>(asked, request);
                Assert.Equal(FailureKind.Unavailable, refused.Kind);
                Assert.Contains(Path.GetDirectoryName(path)!, refused.Reason, StringComparison.Ordinal);
                Assert.Contains("the archive is not there", refused.Reason, StringComparison.Ordinal);
            }
            Assert.Equal(
                Payload(beside.StartOffset), Ask<RecordRead>(asked, new Read(beside.StartOffset)).Payload.ToArray());
            Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(asked, new ArchiveSegment(beside.File)).Kind);
            Assert.Equal(sizeBefore, Ask<Appended>(asked, new Append(Payload(sizeBefore))).Offset);
            Assert.NotNull(Disk.Stat($"{Directory}/{beside.File}"));
        }
    }

    [Fact]
    public void Damaged_segment_should_stay_where_it_is_as_it_is()
    {
        var log = StartWithRecords(60);
        Disk.Flip(Directory + "/00000000.log", 1000, 1);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Kind);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new ArchiveSegment("00000000.log")).Kind);
        Assert.Equal(SegmentState.Sealed, Ask<SegmentList>(log, new GetSegments()).Segments[0].State);
        Assert.Equal(Payload(0), Ask<RecordRead>(log, new Read(0)).Payload.ToArray());
    }

    [Fact]
    public void Full_disk_should_abort_and_leave_everything_as_it_was()
    {
        var log = StartWithRecords(60);
        Disk.CapacityBytes = Disk.UsedBytes;
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Kind);
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new ArchiveSegment("00000000.log")).Kind);
        AssertAllReadable(log, 60);
        Disk.CapacityBytes = null;
        Ask<SegmentCompressed>(log, new CompressSegment("00000000.log"));
    }

    [Fact]
    public void Crash_of_the_maintenance_actor_should_answer_and_refuse_what_follows()
    {
        var log = StartWithRecords(60);
        Disk.AfterOperation = o =>
        {
            if (o.Name == "00000000.logz.tmp") throw new InvalidOperationException("a bug");
        };
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Kind);
        Disk.AfterOperation = null;
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new CompressSegment("00000000.log")).Kind);
        AssertAllReadable(log, 60);
        StopLog(log);
        log = Start();
        AssertAllReadable(log, 60);
        Ask<SegmentCompressed>(log, new CompressSegment("00000000.log"));
    }
}
