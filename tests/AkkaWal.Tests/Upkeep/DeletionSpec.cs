using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Upkeep;

/// <summary>Sealed segments are deleted while the log is in use.</summary>
public sealed class DeletionSpec : LogSpec
{
    private static readonly WalOptions FiveEach = new() { MaxSegmentBytes = FiveTextsBytes };

    private Akka.Actor.IActorRef StartWithRecords(int count)
    {
        var log = StartLog(FiveEach);
        AppendTexts(log, count);
        return log;
    }

    [Fact]
    public void Delete_should_leave_a_gap_that_reads_name_and_batches_stop_before()
    {
        var log = StartWithRecords(22);
        Assert.Equal(
            new SegmentDeleted("00000005.log", 80, 9), Ask<SegmentDeleted>(log, new DeleteSegment("00000005.log", 9)));

        var failed = Ask<RequestFailed>(log, new Read(7));
        Assert.Equal(
            (FailureKind.NotFound, "offset 7 is not in the log, which holds 0 to 4, 10 to 21"),
            (failed.Kind, failed.Reason));
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Locate(5)).Kind);
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new ReadBatch(9)).Kind);
        Assert.Equal(5, Ask<BatchRead>(log, new ReadBatch(0)).NextOffset);
        Assert.Equal(22, Ask<BatchRead>(log, new ReadBatch(10)).NextOffset);
        Assert.Equal("record 4", ReadText(log, 4));
        Assert.Equal("record 10", ReadText(log, 10));
        Assert.Equal(
            (17, 0), Ask<LogInfo>(log, new GetLogInfo()) is var info ? (info.EntryCount, info.StartOffset) : default);
        Assert.Equal([0, 10, 15, 20], Ask<SegmentList>(log, new GetSegments()).Segments.Select(s => s.StartOffset));
        Assert.Null(Disk.Stat(Directory + "/00000005.log"));
        Assert.Null(Disk.Stat(Directory + "/00000005.index"));
    }

    [Fact]
    public void Delete_should_be_remembered()
    {
        var log = StartWithRecords(22);
        Ask<SegmentDeleted>(log, new DeleteSegment("00000005.log"));
        Ask<SegmentDeleted>(log, new DeleteSegment("00000000.log"));
        StopLog(log);
        log = StartLog(FiveEach);
        Assert.Equal(10, Ask<LogInfo>(log, new GetLogInfo()).StartOffset);
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new DeleteSegment("00000005.log")).Kind);
        AppendTexts(log, 1, 22);
    }

    [Fact]
    public void Delete_should_refuse_what_is_not_a_sealed_segment()
    {
        var log = StartWithRecords(7);
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new DeleteSegment("00000005.log")).Kind);
        foreach (var name in new[] { "00000004.log", "00000099.log", "0.log", "MANIFEST", "../00000000.log", "" })
            Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new DeleteSegment(name)).Kind);
        Ask<SegmentDeleted>(log, new DeleteSegment("00000000.log"));
        Assert.Contains(
            "was deleted", Ask<RequestFailed>(log, new DeleteSegment("00000000.log")).Reason, StringComparison.Ordinal);
        Assert.Equal(2, Ask<LogInfo>(log, new GetLogInfo()).EntryCount);
    }

    [Fact]
    public void Truncate_should_delete_whole_segments_below_the_offset()
    {
        var log = StartWithRecords(22);
        Assert.Equal(new LogTruncated(10, 2, 160, 3), Ask<LogTruncated>(log, new TruncateBefore(14, 3)));
        Assert.Equal(new LogTruncated(10, 0, 0, 4), Ask<LogTruncated>(log, new TruncateBefore(14, 4)));
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new TruncateBefore(23)).Kind);
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, new TruncateBefore(-1)).Kind);
        Assert.Equal(
            (20, 2),
            Ask<LogTruncated>(log, new TruncateBefore(22)) is var t ? (t.StartOffset, t.SegmentsDeleted) : default);
        Assert.Equal("offset 3 is not in the log, which holds 20 to 21", Ask<RequestFailed>(log, new Read(3)).Reason);
        Assert.Equal(
            (2, 20, 22),
            Ask<LogInfo>(log, new GetLogInfo()) is var i ? (i.EntryCount, i.StartOffset, i.NextOffset) : default);
    }

    [Fact]
    public void Requests_should_see_the_effect_of_the_operations_that_their_sender_told_before()
    {
        var log = StartWithRecords(3);
        var requests = new LogRequest[]
        {
            new Read(1, 1), new SealActiveSegment(2), AppendOf("next", 3),
            new DeleteSegment("00000000.log", 4), new Read(1, 5),
            new GetSegments(6), new DeleteSegment("00000000.log", 7), AppendOf("last", 8), new GetLogInfo(9),
            new TruncateBefore(3, 10), new ReadBatch(2, RequestId: 11),
        };
        foreach (var request in requests) log.Tell(request, TestActor);
        var replies = ReceiveN(requests.Length, Patience).Cast<LogReply>().ToDictionary(r => r.RequestId);
        Assert.IsType<RecordRead>(replies[1]);
        Assert.IsType<SegmentDeleted>(replies[4]);
        Assert.Equal(FailureKind.NotFound, Assert.IsType<RequestFailed>(replies[5]).Kind);
        Assert.Single(Assert.IsType<SegmentList>(replies[6]).Segments);
        Assert.Equal(FailureKind.NotFound, Assert.IsType<RequestFailed>(replies[7]).Kind);
        Assert.Equal(2, Assert.IsType<LogInfo>(replies[9]).EntryCount);
        Assert.IsType<LogTruncated>(replies[10]);
        Assert.Equal(FailureKind.NotFound, Assert.IsType<RequestFailed>(replies[11]).Kind);
    }

    [Fact]
    public void Reads_asked_for_before_a_delete_should_be_answered_with_their_records()
    {
        var log = StartLog(FiveEach, s => s with { MaxOpenSegments = 2 });
        AppendTexts(log, 500);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments.SkipLast(1).ToList();
        var gone = (int)segments[^1].EndOffset + 1;
        for (var i = 0; i < 500; i++) log.Tell(new Read(i, i), TestActor);
        for (var i = 0; i < segments.Count; i++) log.Tell(new DeleteSegment(segments[i].File, 1000 + i), TestActor);
        for (var i = 0; i < gone; i++) log.Tell(new Read(i, 2000 + i), TestActor);
        var replies = ReceiveN(500 + segments.Count + gone, Patience).Cast<LogReply>().ToDictionary(r => r.RequestId);
        for (var i = 0; i < 500; i++) Assert.Equal(i, Assert.IsType<RecordRead>(replies[i]).Offset);
        for (var i = 0; i < segments.Count; i++) Assert.IsType<SegmentDeleted>(replies[1000 + i]);
        for (var i = 0; i < gone; i++)
            Assert.Equal(FailureKind.NotFound, Assert.IsType<RequestFailed>(replies[2000 + i]).Kind);
    }

    [Fact]
    public void Full_disk_should_abort_a_delete_and_leave_everything_as_it_was()
    {
        var log = StartWithRecords(12);
        Disk.Faults = o => o is { Kind: DiskOperationKind.Write, Name: "MANIFEST.tmp" } ? DiskFault.NoSpace : null;
        Assert.Equal(FailureKind.Aborted, Ask<RequestFailed>(log, new DeleteSegment("00000000.log")).Kind);
        Disk.Faults = null;
        Assert.Equal("record 0", ReadText(log, 0));
        Assert.Null(Disk.Stat(Directory + "/MANIFEST.tmp"));
        Ask<SegmentDeleted>(log, new DeleteSegment("00000000.log"));
    }

    [Fact]
    public void Failed_directory_sync_should_leave_the_outcome_unknown_and_refuse_what_follows()
    {
        var log = StartWithRecords(12);
        var isSwitched = false;
        Disk.Faults = o =>
        {
            isSwitched |= o.Kind == DiskOperationKind.Rename && o.Name.EndsWith("MANIFEST", StringComparison.Ordinal);
            return isSwitched && o.Kind == DiskOperationKind.SyncDirectory ? DiskFault.Error : null;
        };
        Assert.Equal(FailureKind.OutcomeUnknown, Ask<RequestFailed>(log, new DeleteSegment("00000000.log")).Kind);
        Disk.Faults = null;
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new DeleteSegment("00000005.log")).Kind);
        Assert.Equal("record 0", ReadText(log, 0));
        AppendTexts(log, 1, 12);
        StopLog(log);
        Assert.Contains(Ask<LogInfo>(StartLog(FiveEach), new GetLogInfo()).StartOffset, new long[] { 0, 5 });
    }

    [Fact]
    public void Operations_beyond_the_bound_should_be_refused()
    {
        var log = StartWithRecords(12);
        const int most = Manager.Maintenance.MaintenanceQueue.MaxWaiting;
        var probe = CreateTestProbe();
        using (var gate = new ManualResetEventSlim())
        {
            Disk.AfterOperation = o =>
            {
                if (o is { Kind: DiskOperationKind.Rename }) gate.Wait(Patience);
            };
            for (var i = 0; i < most + 200; i++) log.Tell(new DeleteSegment("00000000.log", i), probe.Ref);
            // The requests beyond the limit are refused at once, while the first one is held at the disk.
            Assert.Equal(FailureKind.Unavailable, probe.ExpectMsg<RequestFailed>(Patience).Kind);
            Disk.AfterOperation = null;
            gate.Set();
        }
        var replies = probe.ReceiveN(most + 199, Patience).Cast<LogReply>().ToList();
        Assert.Equal(0, Assert.Single(replies.OfType<SegmentDeleted>()).RequestId);
        Assert.InRange(replies.OfType<RequestFailed>().Count(f => f.Kind == FailureKind.Unavailable), 0, 199);
        Assert.All(
            replies.OfType<RequestFailed>().Where(f => f.Kind != FailureKind.Unavailable),
            f => Assert.Equal(FailureKind.NotFound, f.Kind));
    }
}
