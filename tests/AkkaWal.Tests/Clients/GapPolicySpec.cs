using System.Text;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Clients;

/// <summary>
/// Batches at a gap that a deleted segment left. Every message goes through the serializer on its way.
/// </summary>
public sealed class GapPolicySpec : LogSpec
{
    // There are five records in a segment. 5 to 9 and 15 to 19 are deleted.
    private Akka.Actor.IActorRef StartWithGaps()
    {
        var log = StartLog(new WalOptions { MaxSegmentBytes = FiveTextsBytes });
        AppendTexts(log, 22);
        Ask<SegmentDeleted>(log, new DeleteSegment("00000005.log"));
        Ask<SegmentDeleted>(log, new DeleteSegment("00000015.log"));
        return log;
    }

    [Theory]
    [InlineData(5, 10, 5)]
    [InlineData(7, 10, 5)]
    [InlineData(19, 20, 2)]
    public void Skip_should_begin_behind_the_gap(long asked, long first, int count)
    {
        var batch = Ask<BatchRead>(StartWithGaps(), new ReadBatch(asked) { Gaps = GapPolicy.Skip });
        Assert.Equal((first, count, first + count), (batch.FirstOffset, batch.Payloads.Count, batch.NextOffset));
    }

    [Theory]
    [InlineData(GapPolicy.Stop)]
    [InlineData(GapPolicy.Skip)]
    public void Batch_should_end_before_a_gap(GapPolicy gaps)
    {
        var batch = Ask<BatchRead>(StartWithGaps(), new ReadBatch(0) { Gaps = gaps });
        Assert.Equal((0, 5, 5), (batch.FirstOffset, batch.Payloads.Count, batch.NextOffset));
    }

    [Fact]
    public void Stop_should_refuse_to_begin_in_a_gap() => Assert.Equal(
        FailureKind.NotFound, Ask<RequestFailed>(StartWithGaps(), new ReadBatch(5) { Gaps = GapPolicy.Stop }).Kind);

    [Fact]
    public void Policy_that_does_not_exist_should_be_invalid() => Assert.Equal(
        FailureKind.Invalid, Ask<RequestFailed>(StartWithGaps(), new ReadBatch(5) { Gaps = (GapPolicy)7 }).Kind);

    [Fact]
    public async Task Scan_of_the_client_should_skip_the_gaps()
    {
        List<long> offsets = [];
        List<long> skipped = [];
        var options = new ScanOptions { Gaps = GapPolicy.Skip };
        await foreach (var record in new WalClient(StartWithGaps(), Patience).ScanAsync(0, options))
        {
            offsets.Add(record.Offset);
            skipped.Add(record.SkippedCount);
        }
        Assert.Equal([0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21], offsets);
        Assert.Equal([0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0], skipped);
    }

    [Theory]
    [InlineData("tail", 21)]
    [InlineData("no active segment", 15)]
    [InlineData("no MANIFEST", 5)]
    public async Task Scan_of_a_damaged_log_should_skip_the_gaps_and_end_at_the_damage(string damage, int readable)
    {
        StartWithGaps();
        Disk = Disk.Kill();
        if (damage == "tail") Disk.Flip(Directory + "/00000020.log", PositionOf(1) + Frame.HeaderBytes + 2, 1);
        else Disk.Lose(Directory + (damage == "no MANIFEST" ? "/MANIFEST" : "/00000020.log"));
        var log = StartLog(new WalOptions { MaxSegmentBytes = FiveTextsBytes });
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        List<long> offsets = [];
        await Assert.ThrowsAsync<WalRequestException>(Scan);
        int[] held = [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21];
        Assert.Equal(held.Where(offset => offset < readable).Select(offset => (long)offset), offsets);
        // Without a MANIFEST nobody knows which segments were deleted.
        var kind = damage == "no MANIFEST" ? FailureKind.Unavailable : FailureKind.NotFound;
        Assert.Equal(kind, Ask<RequestFailed>(log, new ReadBatch(5) { Gaps = GapPolicy.Stop }).Kind);

        async Task Scan()
        {
            var options = new ScanOptions { Gaps = GapPolicy.Skip };
            await foreach (var record in new WalClient(log, Patience).ScanAsync(0, options))
            {
                offsets.Add(record.Offset);
                Assert.Equal($"record {record.Offset}", Encoding.UTF8.GetString(record.Payload.Span));
            }
        }
    }
}
