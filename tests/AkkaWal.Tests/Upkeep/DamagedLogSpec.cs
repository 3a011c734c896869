using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Upkeep;

/// <summary>
/// A log that can't be opened because of damage: the records before the damage can be read, all other requests are
/// refused, and nothing is changed.
/// </summary>
public sealed class DamagedLogSpec : LogSpec
{
    private const int RecordCount = 11, ActiveBase = 9;

    private static readonly WalOptions Small = new() { MaxSegmentBytes = 3 * TextFrameBytes };

    public static TheoryData<string> Damages =>
        ["tail", "no MANIFEST", "bad MANIFEST", "no active segment", "no sealed segment"];

    /// <summary>
    /// Makes a log of a process that died, and damages it: three sealed segments of three records and an active one of
    /// two.
    /// </summary>
    /// <returns>The number of records that can be read from the first on, and the damaged file.</returns>
    private (int Readable, string Culprit) Break(string what)
    {
        AppendTexts(StartLog(Small), RecordCount);
        Disk = Disk.Kill();
        switch (what)
        {
            case "tail":
                Disk.Flip(Directory + "/00000009.log", PositionOf(1) + Frame.HeaderBytes + 1, 1);
                return (10, "00000009.log");
            case "no MANIFEST":
                Disk.Lose(Directory + "/MANIFEST");
                return (RecordCount, "MANIFEST");
            case "bad MANIFEST":
                Disk.Flip(Directory + "/MANIFEST", 33, 1);
                return (RecordCount, "MANIFEST");
            case "no active segment":
                Disk.Lose(Directory + "/00000009.log");
                return (ActiveBase, "00000006.log");
            default:
                Disk.Lose(Directory + "/00000003.log");
                return (3, "00000003.log");
        }
    }

    private static List<string> Contents(SimulatedDisk disk) =>
        [.. disk.List(Directory).Where(entry => entry.Name != "LOCK")
            .Select(entry => $"{entry.Name} {Convert.ToHexString(disk.ReadAll($"{Directory}/{entry.Name}"))}")
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_log_should_serve_what_can_be_read_and_refuse_the_rest(string what)
    {
        var (readable, culprit) = Break(what);
        var before = Contents(Disk);
        var log = StartLog(Small);
        foreach (var request in new LogRequest[] { AppendOf("x", 7), new AppendBatch([new byte[1]], 7), new SyncLog(7),
            new SealActiveSegment(7), new DeleteSegment("00000000.log", 7), new CompressSegment("00000000.log", 7) })
        {
            var refused = Ask<RequestFailed>(log, request);
            Assert.Equal((FailureKind.Unavailable, 7), (refused.Kind, refused.RequestId));
            Assert.Contains(culprit, refused.Reason, StringComparison.Ordinal);
        }
        for (var i = 0; i < readable; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Assert.IsNotType<RecordRead>(Ask<LogReply>(log, new Read(readable)));
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, new Read(1000)).Kind);
        Assert.Equal(FailureKind.NotFound, Ask<RequestFailed>(log, new Read(-1)).Kind);
        var batch = Ask<BatchRead>(log, new ReadBatch(0));
        Assert.Equal(
            Enumerable.Range(0, readable).Select(i => $"record {i}"),
            batch.Payloads.Select(p => Encoding.UTF8.GetString(p.Span)));
        Assert.IsNotType<BatchRead>(Ask<LogReply>(log, new ReadBatch(readable)));
        Assert.Equal(64, Ask<RecordLocated>(log, new Locate(0)).Position);
        Assert.Equal("00000000.log", Ask<SegmentList>(log, new GetSegments()).Segments[0].File);
        var info = Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal(0, info.StartOffset);
        Assert.Contains(culprit, info.ReadOnlyReason, StringComparison.Ordinal);
        Assert.Equal(before, Contents(Disk));
        StopLog(log);
        Assert.Equal((0, 0), (Disk.OpenHandleCount, Disk.HeldLockCount));
    }

    [Fact]
    public void Acknowledged_record_that_is_damaged_in_the_tail_should_be_told_as_such()
    {
        var (readable, _) = Break("tail");
        var log = StartLog(Small);
        Assert.Contains(
            "00000009.log is damaged", Ask<RecordDamaged>(log, new Read(readable)).Reason, StringComparison.Ordinal);
        Assert.Equal(readable, Ask<RecordDamaged>(log, new ReadBatch(readable)).Offset);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments;
        Assert.Equal([3, 3, 3, 1], segments.Select(segment => segment.RecordCount));
        Assert.False(segments[^1].IsSealed);
    }

    [Fact]
    public void Refusal_should_outlive_crashes_of_the_segments_actor()
    {
        var (readable, _) = Break("tail");
        var log = StartLog(Small);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
            Assert.Equal("record 9", ReadText(log, readable - 1));
            Sys.ActorSelection($"{log.Path}/segment-00000009-1").Tell(Kill.Instance);
            Sys.ActorSelection($"{log.Path}/damaged-1").Tell(Kill.Instance);
        }
    }
}
