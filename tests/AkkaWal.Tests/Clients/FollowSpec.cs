using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Clients;

/// <summary>Scans and followers of a log that changes meanwhile.</summary>
public sealed class FollowSpec : ClientSpec
{
    private static readonly ScanOptions Small = new() { MaxBatchRecords = 2 };

    /// <summary>Segments of about 280 records: more than some batches take, and fewer than others.</summary>
    private static readonly WalOptions ManyRecordsASegment = new() { MaxSegmentBytes = 5000 };

    private readonly CancellationTokenSource _stop = new();

    protected override void AfterAll()
    {
        _stop.Dispose();
        base.AfterAll();
    }

    private static async Task ExpectRecords(IAsyncEnumerator<WalRecord> reader, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            var record = await Next(reader);
            Assert.Equal((i, 0), (record.Offset, record.SkippedCount));
            Assert.Equal($"record {i}", Encoding.UTF8.GetString(record.Payload.Span));
        }
    }

    private IAsyncEnumerator<WalRecord> Follow(IActorRef log, long from = 0, ScanOptions? options = null) =>
        new WalClient(log, Patience).FollowAsync(from, options, _stop.Token).GetAsyncEnumerator();

    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(70, 1 << 20)]
    [InlineData(4096, 1)]
    [InlineData(4096, 1 << 20)]
    public async Task Scan_should_give_every_record_once_whatever_the_size_of_its_batches(int records, int bytes)
    {
        var log = StartLog(ManyRecordsASegment);
        AppendTexts(log, 1000);
        var options = new ScanOptions { MaxBatchRecords = records, MaxBatchBytes = bytes };
        var read = await new WalClient(log, Patience).ScanAsync(3, options).ToListAsync();
        Assert.Equal(Enumerable.Range(3, 997).Select(i => (long)i), read.Select(record => record.Offset));
        Assert.All(read, record =>
            Assert.Equal($"record {record.Offset}", Encoding.UTF8.GetString(record.Payload.Span)));
    }

    [Fact]
    public async Task Follower_should_go_on_across_rolls_as_records_come()
    {
        var log = StartLog(FewRecordsASegment);
        AppendTexts(log, 150);
        await using var reader = Follow(log, 10);
        await ExpectRecords(reader, 10, 140);
        for (var i = 150; i < 170; i++)
        {
            var next = ExpectRecords(reader, i, 1);
            AppendTexts(log, 1, i);
            await next;
        }
        Assert.True(Ask<SegmentList>(log, new GetSegments()).Segments.Count > 20);
    }

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.OsCache)]
    public async Task Followers_should_get_every_record_in_its_order_while_many_are_appended(FlushPolicy flush)
    {
        const int Count = 3000;
        var log = StartLog(HundredRecordsASegment with { Flush = flush });
        var followers = new[] { 1, 7, 4096 }.Select(records => Task.Run(async () =>
        {
            var options = new ScanOptions { MaxBatchRecords = records };
            await using var reader = Follow(log, 0, options);
            await ExpectRecords(reader, 0, Count);
        })).ToList();
        for (var i = 0; i < Count; i += 100) AppendTexts(log, 100, i);
        await Task.WhenAll(followers);
        Assert.True(Ask<SegmentList>(log, new GetSegments()).Segments.Count > 20);
    }

    [Fact]
    public async Task Follower_should_go_on_where_segments_are_compressed_and_archived()
    {
        var log = StartLog(TwoHundredRecordsASegment, s => s with { ArchiveDirectory = "/archive" });
        AppendTexts(log, 600);
        await using var reader = Follow(log, 0, Small);
        await ExpectRecords(reader, 0, 3);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments;
        Ask<SegmentCompressed>(log, new CompressSegment(segments[0].File));
        Ask<SegmentArchived>(log, new ArchiveSegment(segments[1].File));
        await ExpectRecords(reader, 3, 597);
    }

    [Fact]
    public async Task Follower_should_skip_what_was_truncated_where_it_is_told_to_and_show_the_gap()
    {
        var log = StartLog(FewRecordsASegment);
        AppendTexts(log, 30);
        await using var stopping = Follow(log, 0, Small);
        await using var skipping = Follow(log, 0, Small with { Gaps = GapPolicy.Skip });
        await ExpectRecords(stopping, 0, 2);
        await ExpectRecords(skipping, 0, 2);
        var start = Ask<LogTruncated>(log, new TruncateBefore(20)).StartOffset;
        Assert.InRange(start, 15, 20);
        var failure = await Assert.ThrowsAsync<WalRequestException>(() => Next(stopping));
        Assert.Equal(FailureKind.NotFound, failure.Kind);
        var record = await Next(skipping);
        Assert.Equal((start, start - 2), (record.Offset, record.SkippedCount));
        await ExpectRecords(skipping, (int)start + 1, 29 - (int)start);
    }

    [Fact]
    public async Task Follower_should_see_a_gap_although_nothing_is_left_of_the_log()
    {
        var log = StartLog();
        AppendTexts(log, 5);
        var sealedFile = Ask<SegmentSealed>(log, new SealActiveSegment()).SealedFile;
        Ask<SegmentDeleted>(log, new DeleteSegment(sealedFile));
        await using var reader = Follow(log, 1, new ScanOptions { Gaps = GapPolicy.Skip });
        var next = Next(reader);
        AppendTexts(log, 1, 5);
        var record = await next;
        Assert.Equal((5, 4), (record.Offset, record.SkippedCount));
    }

    [Theory]
    [InlineData("manager")]
    [InlineData("segment")]
    public async Task Follower_should_go_on_behind_a_crash(string actor)
    {
        var log = StartRestartedLog(new WalSettings { Directory = Directory });
        AppendTexts(log, 3);
        await using var reader = Follow(log);
        await ExpectRecords(reader, 0, 3);
        var next = ExpectRecords(reader, 3, 5);
        if (actor == "manager") log.Tell(Kill.Instance);
        else Sys.ActorSelection($"{log.Path}/segment-*").Tell(Kill.Instance);
        var appended = 3;
        while (appended < 8)
        {
            // An append during the crash is refused.
            if (Ask<LogReply>(log, AppendOf($"record {appended}") with { ExpectedOffset = appended }) is Appended)
                appended++;
        }
        await next;
    }

    [Fact]
    public async Task Follower_of_a_log_that_stopped_should_throw_when_its_time_is_up()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        var client = new WalClient(log, TimeSpan.FromMilliseconds(300));
        await using var reader = client.FollowAsync(0).GetAsyncEnumerator();
        await Next(reader);
        StopLog(log);
        var failure = await Assert.ThrowsAsync<WalRequestException>(() => Next(reader));
        Assert.Equal(FailureKind.Unavailable, failure.Kind);
        Assert.Equal(log.Path.ToString(), failure.Log);
    }

    [Fact]
    public async Task Follower_should_end_when_it_is_cancelled_at_the_end_of_the_log()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        await using var reader = Follow(log);
        await Next(reader);
        var next = Next(reader);
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Cancelled_followers_should_leave_no_wait_in_the_log()
    {
        var log = StartLog();
        AppendTexts(log, 1);
        for (var i = 1; i < AwaitRecord.MostWaits; i++)
            log.Tell(new AwaitRecord(1, i) { MaxWait = Patience }, TestActor);
        // There is one place left. Each follower takes it and frees it for the next one.
        for (var i = 0; i < 20; i++)
        {
            using var stop = new CancellationTokenSource();
            await using var reader = new WalClient(log, Patience).FollowAsync(1).GetAsyncEnumerator(stop.Token);
            var next = Next(reader);
            await AwaitFull();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }
        var last = Ask<RecordAwaited>(log, new AwaitRecord(1) { MaxWait = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(1, last.NextOffset);

        async Task AwaitFull()
        {
            var moment = TimeSpan.FromMilliseconds(1);
            while (Ask<LogReply>(log, new AwaitRecord(1) { MaxWait = moment }) is RecordAwaited) await Task.Yield();
        }
    }
}
