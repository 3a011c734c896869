using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Segments;

/// <summary>Long reads: they must not delay appends, and their memory is bounded.</summary>
public sealed class LongReadsSpec : LogSpec
{
    private const int LargeBytes = 1 << 20;

    private const int SmallBytes = 30, SmallFrameBytes = Frame.HeaderBytes + SmallBytes;

    /// <summary>Segments of one record of <see cref="SmallBytes"/>.</summary>
    private static readonly WalOptions OneRecordASegment = new() { MaxSegmentBytes = SmallFrameBytes };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Long_read_of_the_tail_should_not_hold_up_its_writers(bool isBatch)
    {
        var log = StartLog();
        AppendLarge(log, 3);
        var reader = CreateTestProbe();
        using var longReads = Disk.HoldReads(".log", LargeBytes);
        log.Tell(isBatch ? new ReadBatch(0, 10, LargeBytes, 7) : new Read(0, 7), reader.Ref);
        longReads.AwaitReached();

        AppendTexts(log, 5);
        Assert.Equal("record 4", ReadText(log, 7));
        reader.ExpectNoMsg(TimeSpan.Zero);
        longReads.Open();
        var payload = isBatch ? Assert.Single(reader.ExpectMsg<BatchRead>(Patience).Payloads)
            : reader.ExpectMsg<RecordRead>(Patience).Payload;
        Assert.Equal(Large(0), payload.ToArray());
    }

    [Fact]
    public void Long_read_under_way_at_a_roll_should_be_answered_and_leave_no_file_open()
    {
        var log = StartLog();
        AppendLarge(log, 1);
        var reader = CreateTestProbe();
        using var longReads = Disk.HoldReads(".log", LargeBytes);
        log.Tell(new Read(0, 7), reader.Ref);
        log.Tell(new Read(0, 8), reader.Ref);
        longReads.AwaitReached();

        Assert.Equal("00000001.log", Ask<SegmentSealed>(log, new SealActiveSegment()).ActiveFile);
        AppendTexts(log, 2);
        var filesOfTheTail = 2;
        longReads.Open();
        Assert.Equal([7, 8], reader.ReceiveN(2, Patience).Cast<RecordRead>().Select(read => read.RequestId));
        AwaitAssert(() => Assert.Equal(filesOfTheTail, Disk.OpenHandleCount), Patience);
        StopLog(log);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
    }

    [Fact]
    public void Long_reads_of_what_was_just_sealed_should_not_hold_up_appends()
    {
        var log = StartLog(new WalOptions { MaxSegmentBytes = LargeBytes });
        AppendLarge(log, 2);
        AppendTexts(log, 1);
        var reader = CreateTestProbe();
        using var longReads = Disk.HoldReads(".log", LargeBytes);
        // As many reads as there are threads that commit.
        log.Tell(new Read(0, 0), reader.Ref);
        log.Tell(new Read(1, 1), reader.Ref);
        longReads.AwaitReached(2);

        AppendTexts(log, 5);
        longReads.Open();
        foreach (var read in reader.ReceiveN(2, Patience).Cast<RecordRead>())
            Assert.Equal(Large((int)read.Offset), read.Payload.ToArray());
    }

    [Fact]
    public void Record_larger_than_its_asker_takes_should_not_be_read()
    {
        var log = StartLog(new WalOptions { MaxSegmentBytes = 2 * LargeBytes });
        AppendLarge(log, 3);
        foreach (var offset in new[] { 0, 2 })
        {
            var tooLarge = Ask<RecordTooLarge>(log, new Read(offset, 5) { MaxPayloadBytes = LargeBytes - 1 });
            Assert.Equal((offset, LargeBytes, 5), (tooLarge.Offset, tooLarge.PayloadBytes, tooLarge.RequestId));
            Assert.Equal(
                Large(offset),
                Ask<RecordRead>(log, new Read(offset) { MaxPayloadBytes = LargeBytes }).Payload.ToArray());
        }
    }

    [Fact]
    public void Batch_beyond_the_caps_should_be_clamped()
    {
        var log = StartLog();
        AppendLarge(log, 20);
        var payloads = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1], ReadBatch.MostRecords + 1).ToArray();
        Ask<BatchAppended>(log, new AppendBatch(payloads));
        Assert.Equal(16, Ask<BatchRead>(log, new ReadBatch(0, int.MaxValue, int.MaxValue)).Payloads.Count);
        Assert.Equal(
            ReadBatch.MostRecords, Ask<BatchRead>(log, new ReadBatch(20, int.MaxValue, int.MaxValue)).Payloads.Count);
    }

    [Fact]
    public void Batch_should_be_answered_with_what_it_has_where_too_much_is_on_its_way_between_segments()
    {
        using var log = SegmentedLog.Open(Directory, OneRecordASegment, Disk);
        for (var i = 0; i < 3; i++) log.Append(new byte[SmallBytes]);
        log.Commit();
        var segmentFiles = new SegmentFiles(Disk, Directory, LogIdIn(Disk), new WalOptions());
        using var reader = SegmentReader.Open(
            segmentFiles, new SealedSegment(0, 1, SmallFrameBytes, SegmentState.Sealed, 0, 0));
        // It has room for one record.
        var (manager, asker, budget) = (CreateTestProbe(), CreateTestProbe(), new BatchBudget(2 * SmallBytes - 1));
        void Read(long id) => RecordQueries.Answer(
            ContinueBatch.Of(new ReadBatch(0, RequestId: id), asker.Ref, budget),
            asker.Ref,
            reader.Records,
            0,
            1,
            manager.Ref,
            TestActor,
            LogMetrics.OfNone);

        Read(1);
        var first = manager.ExpectMsg<ContinueBatch>(Patience);
        Assert.Equal(SmallBytes, budget.UsedBytes);
        Read(2);
        var cut = asker.ExpectMsg<BatchRead>(Patience);
        Assert.Equal((2, 1), (cut.RequestId, cut.NextOffset));

        first.Answer(TestActor);
        Assert.Equal(1, asker.ExpectMsg<BatchRead>(Patience).RequestId);
        Assert.Equal(0, budget.UsedBytes);
        Read(3);
        var going = manager.ExpectMsg<ContinueBatch>(Patience);
        Requests.Refuse(going, asker.Ref, FailureKind.Unavailable, "closed", TestActor, LogMetrics.OfNone);
        Assert.Equal(3, asker.ExpectMsg<RequestFailed>(Patience).RequestId);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void Budget_of_batches_should_let_one_through_whatever_it_holds_and_take_back_once()
    {
        var budget = new BatchBudget(10);
        var hold = budget.TryReserve(1000);
        Assert.NotNull(hold);
        Assert.Null(budget.TryReserve(1));
        hold.Release();
        hold.Release();
        Assert.Equal(0, budget.UsedBytes);
        Assert.NotNull(budget.TryReserve(10));
    }

    private void AppendLarge(IActorRef log, int count)
    {
        for (var i = 0; i < count; i++) Assert.Equal(i, Ask<Appended>(log, new Append(Large(i))).Offset);
    }

    private static byte[] Large(int number)
    {
        var payload = new byte[LargeBytes];
        Array.Fill(payload, (byte)(number + 1));
        return payload;
    }

    private static Guid LogIdIn(TestKit.SimulatedDisk disk) =>
        Manifest.Decode(disk.ReadAll(Directory + "/MANIFEST"), "MANIFEST").LogId;
}
