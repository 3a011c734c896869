using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Tests.Replies;

/// <summary>
/// Each request gets exactly one reply, and the reply is true. Meanwhile the log's actors are killed and stopped at
/// random, its disk throws exceptions, and the log itself is restarted, and stopped and started again.
/// </summary>
public sealed class OneReplySpec : LogSpec
{
    private const int RequestCount = 600;

    /// <summary>Segments of about a dozen records: the log rolls often.</summary>
    private static readonly WalOptions DozenRecordsASegment = new() { MaxSegmentBytes = 400 };

    private static readonly string[] Parts = ["", "/segment-*", "/segment-*/*", "/maintenance", "/*"];

    /// <summary>
    /// Restarts its log when it crashes, starts it again when it has stopped, and forwards messages to it.
    /// </summary>
    private sealed class Keeper(Props props) : UntypedActor
    {
        private IActorRef _log = ActorRefs.Nobody;

        protected override SupervisorStrategy SupervisorStrategy() =>
            new OneForOneStrategy(static _ => Directive.Restart);

        protected override void PreStart() => _log = Context.Watch(Context.ActorOf(props, "log"));

        protected override void OnReceive(object message)
        {
            if (message is Terminated) PreStart();
            else if (message is StopLogNow) Context.Stop(_log);
            else _log.Forward(message);
        }
    }

    private sealed record StopLogNow : INoSerializationVerificationNeeded;

    private static string TextOf(long id) => $"record of request {id}";

    private static LogRequest RequestOf(Random random, long id) => random.Next(20) switch
    {
        < 9 => AppendOf(TextOf(id), id),
        9 or 10 => new AppendBatch([Encoding.UTF8.GetBytes(TextOf(id)), Encoding.UTF8.GetBytes(TextOf(id) + "b")], id),
        11 or 12 => new Read(random.Next(100), id),
        13 or 14 => new ReadBatch(random.Next(100), random.Next(1, 50), RequestId: id),
        15 => random.Next(2) == 0 ? new GetLogInfo(id) : new GetSegments(id),
        16 => new SyncLog(id),
        17 => random.Next(3) == 0 ? new SealActiveSegment(id) : new Locate(random.Next(100), id),
        18 => new CompressSegment($"{random.Next(0, 12):D8}.log", id),
        _ => random.Next(3) switch
        {
            0 => new TruncateBefore(0, id),
            1 => new HoldFloor("consumer", random.Next(10), id),
            _ => new ReleaseFloor("consumer", id),
        },
    };

    [Theory]
    [InlineData(1, FlushPolicy.Always)]
    [InlineData(2, FlushPolicy.OsCache)]
    [InlineData(3, FlushPolicy.Always)]
    [InlineData(4, FlushPolicy.Interval)]
    [InlineData(5, FlushPolicy.Always)]
    [InlineData(100, FlushPolicy.OsCache)]
    [InlineData(133, FlushPolicy.OsCache)]
    [InlineData(174, FlushPolicy.Always)]
    public void Each_request_should_get_one_true_reply_whatever_is_stopped_and_crashes(int seed, FlushPolicy flush)
    {
        var random = new Random(seed);
        var files = new CrashingFiles(Disk, seed, crashOneIn: 15);
        var settings = new WalSettings
        {
            Directory = Directory,
            Options = DozenRecordsASegment with { Flush = flush },
            MaxRestarts = 1_000_000,
            MaxOpenSegments = 3,
            MaxPendingBytes = 1 << 20,
        };
        var keeper = Sys.ActorOf(
            Props.Create<Keeper>(LogManager.Props(Sys, settings, files)).WithDeploy(Deploy.Local), "keeper");
        Ask<LogInfo>(keeper, new GetLogInfo());
        files.IsArmed = true;
        var requests = new Dictionary<long, LogRequest>();
        for (var id = 0; id < RequestCount; id++)
        {
            keeper.Tell(requests[id] = RequestOf(random, id), TestActor);
            if (random.Next(6) == 0) Disturb(random, keeper);
            // Wait sometimes, so that requests come in groups.
            if (random.Next(10) == 0) Ask<LogReply>(keeper, new Read(0));
        }
        var replies = ReceiveN(RequestCount, Patience).Cast<LogReply>().ToList();
        Assert.Equal(requests.Keys, replies.Select(reply => reply.RequestId).Order());
        files.IsArmed = false;

        // Nothing is pending any more: an append that needs the whole limit is taken.
        AwaitAssert(() => Assert.Equal("", Ask<LogInfo>(keeper, new GetLogInfo()).ReadOnlyReason), Patience);
        AwaitAssert(
            () => Ask<Appended>(
                keeper, new Append(new byte[(1 << 20) - Frame.HeaderBytes - WalSettings.PendingBytesPerRequest])),
            Patience);
        ExpectNoMsg(TimeSpan.Zero);
        AssertTrue(replies, requests, ReadEverything(keeper));
    }

    private void Disturb(Random random, IActorRef keeper)
    {
        if (random.Next(6) == 0) keeper.Tell(new StopLogNow());
        else
        {
            object end = random.Next(2) == 0 ? Kill.Instance : PoisonPill.Instance;
            Sys.ActorSelection($"{keeper.Path}/log{Parts[random.Next(Parts.Length)]}").Tell(end);
        }
    }

    private static void AssertTrue(List<LogReply> replies, Dictionary<long, LogRequest> requests, List<string> texts)
    {
        Assert.Equal(texts.Count, texts.Distinct(StringComparer.Ordinal).Count());
        var held = texts.ToHashSet(StringComparer.Ordinal);
        foreach (var reply in replies)
        {
            var (request, text) = (requests[reply.RequestId], TextOf(reply.RequestId));
            switch (reply)
            {
                case Appended appended:
                    Assert.IsType<Append>(request);
                    Assert.Equal(text, texts[(int)appended.Offset]);
                    break;
                case BatchAppended appended:
                    Assert.IsType<AppendBatch>(request);
                    Assert.Equal([text, text + "b"], texts.GetRange((int)appended.FirstOffset, appended.Count));
                    break;
                case RequestFailed { Kind: FailureKind.OutcomeUnknown } when request is AppendBatch:
                    Assert.Equal(held.Contains(text), held.Contains(text + "b"));
                    break;
                case RequestFailed { Kind: not FailureKind.OutcomeUnknown } when request is Append or AppendBatch:
                    Assert.False(held.Contains(text) || held.Contains(text + "b"), $"{reply}, and it is there");
                    break;
                case RecordRead read:
                    Assert.Equal(texts[(int)read.Offset], Encoding.UTF8.GetString(read.Payload.Span));
                    break;
                case BatchRead read:
                    var payloads = read.Payloads.Select(payload => Encoding.UTF8.GetString(payload.Span));
                    Assert.Equal(texts.GetRange((int)read.FirstOffset, read.Payloads.Count), payloads);
                    break;
            }
        }
        Assert.True(
            replies.OfType<Appended>().Count() > 10, $"{replies.OfType<Appended>().Count()} appends were acknowledged");
        Assert.True(
            replies.OfType<RequestFailed>().Count() > 50, $"{replies.OfType<RequestFailed>().Count()} requests failed");
    }
}
