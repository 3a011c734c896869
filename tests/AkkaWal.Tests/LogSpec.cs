using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests;

/// <summary>A log on a simulated disk, with methods to use it.</summary>
public abstract class LogSpec(Config? config = null) : ActorSpec(config)
{
    protected const string Directory = "/log";

    /// <summary>The bytes of one of the records "record 0" to "record 9".</summary>
    protected const int TextBytes = 8;

    /// <summary>The bytes that such a record takes in a segment.</summary>
    protected const int TextFrameBytes = Frame.HeaderBytes + TextBytes;

    /// <summary>The pending bytes of an append of a payload.</summary>
    protected static long PendingBytesOf(int payloadBytes) =>
        Frame.HeaderBytes + payloadBytes + WalSettings.PendingBytesPerRequest;

    /// <summary>A segment size for five of the records "record 0" to "record 99", but not for six.</summary>
    protected const int FiveTextsBytes = 5 * (TextFrameBytes + 1);

    /// <summary>Segments of five or six such records: a few dozen make many segments.</summary>
    protected static readonly WalOptions FewRecordsASegment = new() { MaxSegmentBytes = 100 };

    /// <summary>Segments of somewhat more than a hundred such records: thousands make many segments.</summary>
    protected static readonly WalOptions HundredRecordsASegment = new() { MaxSegmentBytes = 2000 };

    /// <summary>Segments of more than two hundred such records: enough of them to compress well.</summary>
    protected static readonly WalOptions TwoHundredRecordsASegment = new() { MaxSegmentBytes = 4000 };

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal SimulatedDisk Disk { get; set; } = new();

    protected IActorRef StartLog(
        WalOptions? options = null, Func<WalSettings, WalSettings>? adjust = null, IWalFileSystem? files = null)
    {
        var settings = new WalSettings { Directory = Directory, Options = options ?? new WalOptions() };
        return Sys.ActorOf(LogManager.Props(Sys, adjust?.Invoke(settings) ?? settings, files ?? Disk));
    }

    /// <summary>A log whose manager is restarted after every exception.</summary>
    protected IActorRef StartRestartedLog(WalSettings settings)
    {
        Sys.ActorOf(Props.Create<Restarter>(LogManager.Props(Sys, settings, Disk), TestActor).WithDeploy(Deploy.Local));
        return ExpectMsg<IActorRef>(Patience);
    }

    protected void StopLog(IActorRef log)
    {
        Watch(log);
        Sys.Stop(log);
        ExpectTerminated(log, Patience);
    }

    /// <summary>
    /// Stops the log by an action. Returns when its segment's actor, which may be busy, was told to stop.
    /// </summary>
    protected void StopBehind(IActorRef log, Action stop)
    {
        // The manager stops its children one after the other, the segment's actor first.
        var maintenance = Sys.ActorSelection($"{log.Path}/maintenance").ResolveOne(Patience).GetAwaiter().GetResult();
        var watcher = CreateTestProbe();
        watcher.Watch(maintenance);
        stop();
        watcher.ExpectTerminated(maintenance, Patience);
    }

    /// <summary>The next message is the refusal of a request.</summary>
    protected void ExpectFailure(long requestId, FailureKind kind)
    {
        var failed = ExpectMsg<RequestFailed>(Patience);
        Assert.Equal((requestId, kind), (failed.RequestId, failed.Kind));
    }

    internal static bool Is(DiskOperation operation, DiskOperationKind kind, string suffix) =>
        operation.Kind == kind && operation.Path.EndsWith(suffix, StringComparison.Ordinal);

    protected static Append AppendOf(string text, long id = 0) => new(Encoding.UTF8.GetBytes(text), id);

    protected TReply Ask<TReply>(IActorRef log, LogRequest request) where TReply : LogReply
    {
        var probe = CreateTestProbe();
        log.Tell(request, probe.Ref);
        return probe.ExpectMsg<TReply>(Patience);
    }

    /// <summary>Returns when the manager has forwarded all earlier requests: it answers this one itself.</summary>
    protected void AwaitForwarded(IActorRef log) => Ask<RequestFailed>(log, new SetSegmentLimit(0));

    protected string ReadText(IActorRef log, long offset) =>
        Encoding.UTF8.GetString(Ask<RecordRead>(log, new Read(offset)).Payload.Span);

    /// <summary>All records from the first on, as texts.</summary>
    protected List<string> ReadEverything(IActorRef log)
    {
        var texts = new List<string>();
        while (true)
        {
            var batch = Ask<BatchRead>(log, new ReadBatch(texts.Count));
            if (batch.Payloads.Count == 0) return texts;
            texts.AddRange(batch.Payloads.Select(payload => Encoding.UTF8.GetString(payload.Span)));
        }
    }

    protected void AppendTexts(IActorRef log, int count, int from = 0)
    {
        var probe = CreateTestProbe();
        for (var i = from; i < from + count; i++) log.Tell(AppendOf($"record {i}", i), probe.Ref);
        for (var i = from; i < from + count; i++) Assert.Equal(i, probe.ExpectMsg<Appended>(Patience).RequestId);
    }

    /// <summary>The position of a record's frame, if all records before it are such texts.</summary>
    /// <param name="record">Its number in the segment, from 0.</param>
    protected static int PositionOf(int record) => SegmentHeader.SizeBytes + record * TextFrameBytes;

    private sealed class Restarter(Props child, IActorRef report) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() =>
            new OneForOneStrategy(static _ => Directive.Restart);

        protected override void PreStart() => report.Tell(Context.ActorOf(child), Self);

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
