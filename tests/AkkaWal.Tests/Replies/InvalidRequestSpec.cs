using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Replies;

/// <summary>Invalid requests: each gets one reply, and the log goes on without a change.</summary>
public sealed class InvalidRequestSpec : LogSpec
{
    private const int MaxPayloadBytes = 1000, MaxCommitBytes = 4096;

    private static readonly string Long = new('x', 1_000_000);

    /// <summary>A request of a type that no log knows.</summary>
    private sealed record Foreign(long RequestId) : LogRequest(RequestId), INoSerializationVerificationNeeded;

    private static LogRequest[] Requests =>
    [
        new AppendBatch(null!), new AppendBatch([]), new Append(new byte[MaxPayloadBytes + 1]),
        new AppendBatch([new byte[1], new byte[MaxPayloadBytes + 1]]),
        new AppendBatch([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(default, MaxCommitBytes)]),
        new Append(default) { ExpectedOffset = -1 }, new AppendBatch([default]) { ExpectedOffset = long.MinValue },
        new AwaitRecord(-1), new AwaitRecord(0) { MaxWait = TimeSpan.Zero },
        new AwaitRecord(0) { MaxWait = TimeSpan.MaxValue }, new AwaitRecord(0) { MaxWait = TimeSpan.MinValue },
        new ReadBatch(0, 0), new ReadBatch(0, -1), new ReadBatch(0, int.MinValue), new ReadBatch(0, 1, 0),
        new ReadBatch(0, 1, int.MinValue),
        new ReadBatch(0) { Gaps = (GapPolicy)7 }, new ReadBatch(0) { Gaps = (GapPolicy)(-1) },
        new GetSegments { FromOffset = -1 }, new GetSegments { MaxCount = 0 },
        new GetSegments { MaxCount = int.MinValue },
        new SetSegmentLimit(0), new SetSegmentLimit(-1), new SetSegmentLimit(long.MinValue),
        new SetSegmentLimit(long.MaxValue), new SetSegmentLimit(1L << 32),
        new DeleteSegment(null!), new DeleteSegment(Long), new CompressSegment(null!), new CompressSegment(Long),
        new ArchiveSegment(null!), new ArchiveSegment(Long),
        new TruncateBefore(-1), new TruncateBefore(long.MinValue),
        new HoldFloor(null!, 0), new HoldFloor("", 0), new HoldFloor(Long, 0), new HoldFloor("x", -1),
        new HoldFloor("x", long.MinValue),
        new ReleaseFloor(null!), new ReleaseFloor(""), new ReleaseFloor(Long),
        new Foreign(0),
    ];

    /// <summary>Legal requests for offsets or files that do not exist.</summary>
    private static LogRequest[] Absurd =>
    [
        new Read(-1), new Read(long.MinValue), new Read(long.MaxValue), new Locate(long.MaxValue), new Locate(-1),
        new ReadBatch(long.MaxValue), new ReadBatch(long.MinValue), new ReadBatch(-1, int.MaxValue, int.MaxValue),
        new ReadBatch(long.MaxValue, int.MaxValue, int.MaxValue),
        new DeleteSegment(""), new DeleteSegment("../MANIFEST"), new CompressSegment("\0"),
        new ArchiveSegment("99999999999999999999.log"),
        new TruncateBefore(long.MaxValue),
    ];

    private IActorRef Start() =>
        StartLog(new WalOptions { MaxPayloadBytes = MaxPayloadBytes, MaxCommitBytes = MaxCommitBytes });

    [Fact]
    public void Requests_out_of_their_limits_should_be_invalid_and_crash_nobody()
    {
        var log = Start();
        AppendTexts(log, 2);
        EventFilter.Exception<Exception>().Expect(0, () =>
        {
            foreach (var request in Requests)
            {
                var refused = Ask<RequestFailed>(log, request with { RequestId = 7 });
                Assert.Equal((FailureKind.Invalid, 7), (refused.Kind, refused.RequestId));
                Assert.InRange(refused.Reason.Length, 10, 300);
            }
            foreach (var request in Absurd)
            {
                var refused = Ask<RequestFailed>(log, request with { RequestId = 8 });
                Assert.Equal((FailureKind.NotFound, 8), (refused.Kind, refused.RequestId));
                Assert.InRange(refused.Reason.Length, 10, 300);
            }
        });
        AppendTexts(log, 1, 2);
        Assert.Equal(2, Ask<BatchRead>(log, new ReadBatch(1, int.MaxValue, int.MaxValue)).Payloads.Count);
        Assert.Single(Ask<SegmentList>(log, new GetSegments { MaxCount = int.MaxValue }).Segments);
        Assert.Equal(3, Ask<LogInfo>(log, new GetLogInfo()).EntryCount);
    }

    [Fact]
    public void Floors_should_be_held_by_names_of_any_legal_kind()
    {
        var log = Start();
        foreach (var name in new[] { " ", "ä\n\"\0", new string('x', 256) })
        {
            Assert.Equal(name, Ask<FloorHeld>(log, new HoldFloor(name, long.MaxValue)).Name);
            Assert.Equal(name, Ask<FloorReleased>(log, new ReleaseFloor(name)).Name);
        }
    }

    [Fact]
    public void Empty_payload_should_be_a_record()
    {
        var log = Start();
        Assert.Equal(0, Ask<Appended>(log, new Append(default)).Offset);
        Assert.Equal(1, Ask<BatchAppended>(log, new AppendBatch([default])).FirstOffset);
        Assert.True(Ask<RecordRead>(log, new Read(0)).Payload.IsEmpty);
    }

    [Theory]
    [InlineData("locked")]
    [InlineData("damaged")]
    [InlineData("stopped")]
    public void Log_that_is_not_open_should_answer_them_too(string why)
    {
        var log = Start();
        AppendTexts(log, 2);
        if (why == "locked") log = Start();
        else if (why == "stopped") StopLog(log);
        else
        {
            Disk = Disk.Kill();
            Disk.Lose(Directory + "/MANIFEST");
            log = Start();
        }
        EventFilter.Exception<Exception>().Expect(0, () =>
        {
            foreach (var request in Requests.Concat(Absurd))
            {
                var reply = Ask<LogReply>(log, request with { RequestId = 7 });
                Assert.Equal(7, Assert.IsType<RequestFailed>(reply).RequestId);
            }
        });
    }
}
