using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests;

public sealed class LogManagerSpec : LogSpec
{
    private static readonly WalOptions Tiny = new() { MaxSegmentBytes = 4 * TextFrameBytes };

    [Fact]
    public void Log_should_answer_appends_with_their_offsets_and_serve_what_it_acknowledged()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        Assert.Equal("record 1", ReadText(log, 1));
        var info = Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal(
            (3, 3 * 16, true, 0, 3),
            (info.EntryCount, info.TotalBytes, info.IsFullyDurable, info.StartOffset, info.NextOffset));
    }

    [Fact]
    public void Log_should_show_one_empty_active_segment_when_it_is_new()
    {
        var segments = Ask<SegmentList>(StartLog(), new GetSegments()).Segments;
        Assert.Equal([new SegmentInfo("00000000.log", 0, -1, 0, SegmentState.Active)], segments);
    }

    [Fact]
    public void Log_should_serve_a_read_told_right_behind_its_append()
    {
        var log = StartLog(Tiny);
        for (var i = 0; i < 100; i++)
        {
            log.Tell(AppendOf($"record {i}", 2 * i), TestActor);
            log.Tell(new Read(i, 2 * i + 1), TestActor);
        }
        var replies = ReceiveN(200, Patience).Cast<LogReply>().ToList();
        Assert.Equal(100, replies.OfType<Appended>().Count());
        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => $"record {i}"),
            replies.OfType<RecordRead>().OrderBy(r => r.RequestId)
                .Select(r => System.Text.Encoding.UTF8.GetString(r.Payload.Span)));
    }

    [Fact]
    public void Log_should_read_a_batch_across_segments_up_to_its_end()
    {
        var log = StartLog(Tiny);
        AppendTexts(log, 30);
        var all = Ask<BatchRead>(log, new ReadBatch(5));
        Assert.Equal((5, 25, 30), (all.FirstOffset, all.Payloads.Count, all.NextOffset));
        Assert.Equal("record 29", System.Text.Encoding.UTF8.GetString(all.Payloads[^1].Span));
        Assert.Equal(7, Ask<BatchRead>(log, new ReadBatch(5, MaxRecords: 7)).Payloads.Count);
        Assert.Equal(2, Ask<BatchRead>(log, new ReadBatch(3, MaxBytes: 17)).Payloads.Count);
        Assert.Single(Ask<BatchRead>(log, new ReadBatch(3, MaxBytes: 1)).Payloads);
        Assert.Empty(Ask<BatchRead>(log, new ReadBatch(30)).Payloads);
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new ReadBatch(31)).Kind);
    }

    [Fact]
    public void Log_should_name_the_range_that_it_holds_when_asked_for_another_offset()
    {
        var log = StartLog();
        Assert.Contains("empty", Ask<RequestFailed>(log, new Read(0)).Reason, StringComparison.Ordinal);
        AppendTexts(log, 2);
        var failed = Ask<RequestFailed>(log, new Read(2));
        Assert.Equal(
            (FailureKind.NotFound, "offset 2 is not in the log, which holds 0 to 1"), (failed.Kind, failed.Reason));
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Read(-1)).Kind);
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Locate(2)).Kind);
    }

    [Fact]
    public void Log_should_keep_a_batch_in_one_segment_even_where_it_is_larger_than_the_limit()
    {
        var log = StartLog(Tiny);
        AppendTexts(log, 1);
        var payloads = Enumerable.Range(0, 20).Select(i => (ReadOnlyMemory<byte>)new byte[i]).ToList();
        Assert.Equal(
            (1, 20), Ask<BatchAppended>(log, new AppendBatch(payloads)) is var b ? (b.FirstOffset, b.Count) : default);
        AppendTexts(log, 1);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments;
        Assert.Equal([1, 20, 1], segments.Select(s => s.RecordCount));
    }

    [Fact]
    public void Log_should_refuse_what_is_out_of_its_limits_and_say_what_is_allowed()
    {
        const int MaxPayloadBytes = 10, MaxCommitBytes = 4096;
        var log = StartLog(new WalOptions { MaxPayloadBytes = MaxPayloadBytes, MaxCommitBytes = MaxCommitBytes });
        Assert.Equal(
            FailureKind.Invalid, Ask<RequestFailed>(log, new Append(new byte[MaxPayloadBytes + 1])).Kind);
        Assert.Contains("at least one", Ask<RequestFailed>(log, new AppendBatch([])).Reason, StringComparison.Ordinal);
        Assert.Contains(
            "at least one", Ask<RequestFailed>(log, new AppendBatch(null!)).Reason, StringComparison.Ordinal);
        var large = Enumerable.Repeat<ReadOnlyMemory<byte>>(
            new byte[MaxPayloadBytes], MaxCommitBytes / MaxPayloadBytes).ToList();
        Assert.Contains(
            $"at most {MaxCommitBytes}", Ask<RequestFailed>(log, new AppendBatch(large)).Reason,
            StringComparison.Ordinal);
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, new SetSegmentLimit(0)).Kind);
        Assert.Equal(FailureKind.Invalid, Ask<RequestFailed>(log, new ReadBatch(0, 0)).Kind);
        Assert.Equal(0, Ask<LogInfo>(log, new GetLogInfo()).EntryCount);
    }

    [Fact]
    public void Seal_should_roll_now_and_refuse_an_empty_segment()
    {
        var log = StartLog();
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
        AppendTexts(log, 2);
        var sealedNow = Ask<SegmentSealed>(log, new SealActiveSegment());
        Assert.Equal(("00000000.log", "00000002.log"), (sealedNow.SealedFile, sealedNow.ActiveFile));
        Assert.Equal(FailureKind.Precondition, Ask<RequestFailed>(log, new SealActiveSegment()).Kind);
        Assert.Equal("record 1", ReadText(log, 1));
    }

    [Fact]
    public void Segment_limit_should_hold_from_the_next_append_on()
    {
        var log = StartLog();
        AppendTexts(log, 4);
        log.Tell(new SetSegmentLimit(16), TestActor);
        log.Tell(AppendOf("record 4"), TestActor);
        log.Tell(AppendOf("record 5"), TestActor);
        log.Tell(new SetSegmentLimit(1000), TestActor);
        log.Tell(AppendOf("record 6"), TestActor);
        ReceiveN(5, Patience);
        Assert.Equal([4, 1, 2], Ask<SegmentList>(log, new GetSegments()).Segments.Select(s => s.RecordCount));
    }

    [Fact]
    public void Appends_should_share_syncs()
    {
        var log = StartLog();
        AppendTexts(log, 1000);
        var syncs = Disk.Operations.Count(o => o.Kind == TestKit.DiskOperationKind.Sync);
        Assert.True(syncs < 500, $"{syncs} syncs for 1000 appends");
    }

    [Fact]
    public void Appends_beyond_the_pending_limit_should_be_refused_and_leave_nothing_behind()
    {
        const int Count = 1000, MaxPendingBytes = 1000;
        var log = StartLog(adjust: s => s with { MaxPendingBytes = MaxPendingBytes });
        for (var i = 0; i < Count; i++) log.Tell(new Append(new byte[92], i), TestActor);
        var replies = ReceiveN(Count, Patience);
        var accepted = replies.OfType<Appended>().Count();
        Assert.All(replies.OfType<RequestFailed>(), f => Assert.Equal(FailureKind.Unavailable, f.Kind));
        Assert.Equal(accepted, Ask<LogInfo>(log, new GetLogInfo()).EntryCount);
        // If nothing is pending, an append of any size is taken.
        Assert.IsType<Appended>(Ask<LogReply>(log, new Append(new byte[5 * MaxPendingBytes])));
    }

    [Fact]
    public void Log_should_be_there_again_after_a_clean_stop()
    {
        var log = StartLog(Tiny);
        AppendTexts(log, 50);
        StopLog(log);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
        log = StartLog(Tiny);
        for (var i = 0; i < 50; i++) Assert.Equal($"record {i}", ReadText(log, i));
        AppendTexts(log, 1, 50);
    }

    [Fact]
    public void Second_log_on_one_directory_should_refuse_everything_and_name_the_directory()
    {
        AppendTexts(StartLog(), 1);
        var second = StartLog();
        foreach (var request in new LogRequest[] { AppendOf("x", 7), new Read(0, 7), new GetSegments(7), new SyncLog(7),
            new SealActiveSegment(7), new ReadBatch(0, RequestId: 7) })
        {
            var failed = Ask<RequestFailed>(second, request);
            Assert.Equal((FailureKind.NotOwned, 7), (failed.Kind, failed.RequestId));
            Assert.Contains(Directory, failed.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_segments_should_be_capped_and_let_go_when_idle()
    {
        var log = StartLog(Tiny, s => s with { MaxOpenSegments = 3 });
        AppendTexts(log, 60);
        for (var i = 0; i < 60; i++) Assert.Equal($"record {i}", ReadText(log, i));
        AwaitAssert(() => Assert.InRange(Disk.OpenHandleCount, 1, 3 + 3), Patience);
        log.Tell(new IdleTick());
        log.Tell(new IdleTick());
        // The lock and the active segment with its index stay open.
        AwaitAssert(() => Assert.InRange(Disk.OpenHandleCount, 1, 3), Patience);
        Assert.Equal("record 0", ReadText(log, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Indexes_should_share_a_bound_in_memory_and_else_be_read_as_they_are_needed(int maxBytes)
    {
        var log = StartLog(Tiny, s => s with { MaxIndexBytes = maxBytes });
        AppendTexts(log, 60);
        for (var i = 0; i < 59; i++) Assert.Equal($"record {i}", ReadText(log, i));
        var reads = 0;
        Disk.ReadFaults = (path, _) =>
        {
            if (path.EndsWith(".index", StringComparison.Ordinal)) reads++;
            return false;
        };
        for (var i = 0; i < 10; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Assert.Equal(maxBytes == 0 ? 10 : 0, reads);
    }

    [Fact]
    public void Damaged_record_should_be_reported_and_never_served()
    {
        var log = StartLog();
        AppendTexts(log, 3);
        Ask<SegmentSealed>(log, new SealActiveSegment());
        Disk.Flip(Directory + "/00000000.log", PositionOf(1) + Frame.HeaderBytes + 3, 0x10);
        Assert.Equal("record 0", ReadText(log, 0));
        Assert.Contains("position 80", Ask<RecordDamaged>(log, new Read(1)).Reason, StringComparison.Ordinal);
        Assert.Single(Ask<BatchRead>(log, new ReadBatch(0)).Payloads);
        Assert.Equal(1, Ask<RecordDamaged>(log, new ReadBatch(1)).Offset);
    }
}
