using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Upkeep;

/// <summary>
/// Hundreds of segments are compressed, archived and deleted while others append and read: no reply is wrong.
/// </summary>
public sealed class MaintenanceUnderLoadSpec : LogSpec
{
    private const int FillCount = 3000, ReadsUnderWay = 16, AppendsUnderWay = 16;

    /// <summary>Segments of nine records: those of the fill make hundreds of segments.</summary>
    private static readonly WalOptions NineRecordsASegment = new() { MaxSegmentBytes = 1500 };

    private static byte[] PayloadOf(long offset) =>
        Encoding.UTF8.GetBytes($"{{\"record\": {offset}, \"text\": \"{new string((char)('a' + offset % 26), 120)}\"}}");

    /// <summary>
    /// The test actors' shared knowledge of the log. Ranges only grow, so an old value is a weaker claim but not a
    /// wrong one.
    /// </summary>
    private sealed class Model
    {
        private readonly HashSet<long> _asked = [], _gone = [];
        private readonly Lock _gate = new();

        public long NextOffset { get; set; }

        public bool IsStopped { get; set; }

        public void DeletionAsked(SegmentInfo segment) => Add(_asked, segment);

        public void DeletionDone(SegmentInfo segment) => Add(_gone, segment);

        public bool MayBeGone(long offset)
        {
            lock (_gate) return _asked.Contains(offset);
        }

        public bool IsGone(long offset)
        {
            lock (_gate) return _gone.Contains(offset);
        }

        private void Add(HashSet<long> offsets, SegmentInfo segment)
        {
            lock (_gate)
                for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++) offsets.Add(offset);
        }
    }

    private sealed record Report(int Count, int NotFound, IReadOnlyList<string> Wrong)
        : INoSerializationVerificationNeeded;

    private sealed class Appender(IActorRef log, Model model, IActorRef report) : UntypedActor
    {
        private readonly List<string> _wrong = [];
        private long _next = model.NextOffset;
        private int _underWay, _count;

        protected override void PreStart()
        {
            for (var i = 0; i < AppendsUnderWay; i++) Send();
        }

        protected override void OnReceive(object message)
        {
            _underWay--;
            _count++;
            // This is the only writer, so it knows the offsets of its records.
            if (message is Appended done && done.Offset == done.RequestId) model.NextOffset = done.Offset + 1;
            else _wrong.Add(message.ToString()!);
            if (!model.IsStopped) Send();
            else if (_underWay == 0) report.Tell(new Report(_count, 0, _wrong), Self);
        }

        private void Send()
        {
            log.Tell(new Append(PayloadOf(_next), _next), Self);
            _next++;
            _underWay++;
        }
    }

    private sealed class Reader(IActorRef log, Model model, IActorRef report, int seed) : UntypedActor
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<long, (long Offset, bool WasGone)> _asked = [];
        private readonly List<string> _wrong = [];
        private int _count, _notFound;

        protected override void PreStart()
        {
            for (var i = 0; i < ReadsUnderWay; i++) Send();
        }

        protected override void OnReceive(object message)
        {
            _count++;
            var reply = (LogReply)message;
            _asked.Remove(reply.RequestId, out var asked);
            if (Explain(reply, asked.Offset, asked.WasGone) is { } wrong) _wrong.Add(wrong);
            if (!model.IsStopped) Send();
            else if (_asked.Count == 0) report.Tell(new Report(_count, _notFound, _wrong), Self);
        }

        private string? Explain(LogReply reply, long offset, bool wasGone)
        {
            switch (reply)
            {
                case RecordRead read when !wasGone:
                    return read.Payload.Span.SequenceEqual(PayloadOf(offset))
                        ? null : $"offset {offset} has other bytes";
                case BatchRead batch when !wasGone && batch.Payloads.Count > 0:
                    for (var i = 0; i < batch.Payloads.Count; i++)
                        if (!batch.Payloads[i].Span.SequenceEqual(PayloadOf(offset + i)))
                            return $"offset {offset + i} of a batch has other bytes";
                    return null;
                case RecordLocated located when !wasGone:
                    return located.LengthBytes == PayloadOf(offset).Length
                        ? null : $"offset {offset} has another length";
                case RequestFailed { Kind: FailureKind.NotFound } when model.MayBeGone(offset):
                    _notFound++;
                    return null;
                default:
                    return $"offset {offset}, gone {wasGone}: {reply}";
            }
        }

        private void Send()
        {
            var id = _count * 100L + _asked.Count;
            while (_asked.ContainsKey(id)) id++;
            var offset = _random.NextInt64(model.NextOffset);
            _asked[id] = (offset, model.IsGone(offset));
            LogRequest request = _random.Next(10) switch
            {
                0 => new ReadBatch(offset, 40, RequestId: id),
                1 => new Locate(offset, id),
                _ => new Read(offset, id),
            };
            log.Tell(request, Self);
        }
    }

    [Fact]
    public void No_reply_should_be_wrong_while_segments_are_compressed_archived_and_deleted()
    {
        var log = StartLog(
            NineRecordsASegment,
            s => s with { ArchiveDirectory = "/archive", MaxOpenSegments = 20 });
        var fill = CreateTestProbe();
        for (var i = 0; i < FillCount; i++) log.Tell(new Append(PayloadOf(i), i), fill.Ref);
        fill.ReceiveN(FillCount, Patience);
        var model = new Model { NextOffset = FillCount };
        var reports = CreateTestProbe();
        Sys.ActorOf(Props.Create<Appender>(log, model, reports.Ref).WithDeploy(Deploy.Local));
        for (var seed = 0; seed < 3; seed++)
            Sys.ActorOf(Props.Create<Reader>(log, model, reports.Ref, seed).WithDeploy(Deploy.Local));

        var done = MaintainAll(log, model);
        model.IsStopped = true;

        foreach (var report in reports.ReceiveN(4, Patience).Cast<Report>())
        {
            Assert.Empty(report.Wrong);
            Assert.True(report.Count > 100);
        }
        Assert.True(done.Deleted > 50 && done.Compressed > 100 && done.Archived > 50, $"{done}");
        AssertWholeLogIsAsItMustBe(log, model);
        StopLog(log);
        AssertWholeLogIsAsItMustBe(
            StartLog(NineRecordsASegment, s => s with { ArchiveDirectory = "/archive" }), model);
    }

    private (int Compressed, int Archived, int Deleted) MaintainAll(IActorRef log, Model model)
    {
        var random = new Random(5);
        var (compressed, archived, deleted) = (0, 0, 0);
        var segments = Ask<SegmentList>(log, new GetSegments()).Segments.Where(s => s.IsSealed)
            .OrderBy(_ => random.Next()).ToList();
        Assert.True(segments.Count > 250);
        foreach (var segment in segments)
        {
            var fate = random.Next(6);
            if (fate is 0 or 1 or 2)
            {
                Ask<SegmentCompressed>(log, new CompressSegment(segment.File));
                compressed++;
            }
            if (fate is 1 or 3)
            {
                Ask<SegmentArchived>(log, new ArchiveSegment(segment.File));
                archived++;
            }
            if (fate is not (2 or 4)) continue;
            model.DeletionAsked(segment);
            Ask<SegmentDeleted>(log, new DeleteSegment(segment.File));
            model.DeletionDone(segment);
            deleted++;
        }
        return (compressed, archived, deleted);
    }

    private void AssertWholeLogIsAsItMustBe(IActorRef log, Model model)
    {
        var info = Ask<LogInfo>(log, new GetLogInfo());
        Assert.Equal(model.NextOffset, info.NextOffset);
        var (held, probe) = (0, CreateTestProbe());
        for (var offset = 0L; offset < info.NextOffset; offset++) log.Tell(new Read(offset, offset), probe.Ref);
        foreach (var reply in probe.ReceiveN((int)info.NextOffset, Patience).Cast<LogReply>())
        {
            if (model.IsGone(reply.RequestId))
                Assert.Equal(FailureKind.NotFound, Assert.IsType<RequestFailed>(reply).Kind);
            else Assert.Equal(PayloadOf(reply.RequestId), Assert.IsType<RecordRead>(reply).Payload.ToArray());
            held += model.IsGone(reply.RequestId) ? 0 : 1;
        }
        Assert.Equal(held, info.EntryCount);
    }
}
