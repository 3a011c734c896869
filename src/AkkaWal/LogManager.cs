using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Segments;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal;

/// <summary>
/// The log. Knows which segment holds which offset, supervises one actor a segment and forwards to it; takes and answers the messages of
/// <see cref="LogRequest"/>. Sealed segments' actors are started when first needed and let go when idle.
/// </summary>
/// <remarks>
/// One sender's requests are carried out in the order in which it told them, across rolls too (see <see cref="SegmentActor"/>). A log
/// that can't be opened (locked, damaged) has an actor all the same: it refuses each request and says why.
/// </remarks>
public sealed class LogManager : UntypedActor, IWithTimers
{
    /// <summary>So many requests may be held back while a roll hands over; more are refused.</summary>
    private const int MaxHeldRequests = 1 << 16;

    private readonly OpenLog _open;
    private readonly WalSettings _settings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HandOver _handOver = new();
    private SealedSegmentActors _readers = null!;
    private IActorRef _active = ActorRefs.Nobody;
    private IActorRef _maintenance = ActorRefs.Nobody;
    private long _pendingBytes;
    private string _refusal = "";

    /// <summary>Made by <see cref="Props(WalSettings, IWalFileSystem)"/>.</summary>
    /// <param name="open">What outlives a restart of this actor.</param>
    internal LogManager(OpenLog open) => (_open, _settings) = (open, open.Settings);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Told by a timer: let go of idle segments.</summary>
    internal sealed record IdleTick;

    /// <summary>How to make one.</summary>
    /// <param name="settings">From <see cref="WalSettings.FromConfig"/>, or set by hand.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    public static Props Props(WalSettings settings, IWalFileSystem? files = null) =>
        Akka.Actor.Props.CreateBy(new Producer(new OpenLog(settings, files ?? PosixFileSystem.Instance)));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // Never stop: what waits in a stopped actor's mailbox gets no answer. The actor itself gives up after too many crashes.
        new OneForOneStrategy(static _ => Directive.Restart);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _open.WatchForUndelivered(Context.System, Self);
        try
        {
            _open.OpenDirectory(message => _log.Warning("{0}", message));
        }
        catch (WalException e)
        {
            _log.Error("the log in {0} is not available: {1}", _settings.Directory, e.Message);
            _refusal = e.Message;
            Become(Refusing);
            return;
        }
        _readers = new SealedSegmentActors(Context, _open.Directory.Store, _settings);
        _active = StartActive(_settings.Options.MaxSegmentBytes);
        _maintenance = Context.ActorOf(WalProps.Of<Maintenance>(Context.System, "maintenance", _open.Directory.Store), "maintenance");
        Timers.StartPeriodicTimer(nameof(IdleTick), new IdleTick(), _settings.SegmentIdleTimeout);
        Become(Open);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message)
    {
        // The directory stays locked until the children are gone: the next life lets go of it and takes it again.
        foreach (var child in Context.GetChildren()) Context.Stop(child);
        RefuseAll($"the log's actor crashed: {reason.Message}");
        Refuse(message, Sender, $"the log's actor crashed: {reason.Message}");
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        RefuseAll("the log is being closed");
        _open.CloseDirectory(e => _log.Error(e, "the MANIFEST of {0} could not be written", _settings.Directory));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);

    private void Open(object message)
    {
        switch (message)
        {
            case Append or AppendBatch:
                TakeAppend((LogRequest)message);
                break;
            case Read or Locate:
                Route(message, RecordQueries.OffsetOf(message), ((LogRequest)message).RequestId);
                break;
            case ReadBatch batch:
                StartBatch(batch);
                break;
            case ContinueBatch batch:
                GoOnWithBatch(batch);
                break;
            case GetLogInfo or GetSegments:
                ToTail(new DescribeTail((LogRequest)message, Sender));
                break;
            case SyncLog or SealActiveSegment:
                ToTail(message);
                break;
            case SetSegmentLimit limit when limit.MaxSegmentBytes is < 1 or > WalOptions.LargestSegmentBytes:
                Sender.Tell(new RequestFailed(FailureKind.Invalid, $"max_segment_bytes must be an integer from 1 to {WalOptions.LargestSegmentBytes}", limit.RequestId), Self);
                break;
            case SetSegmentLimit:
                ToTail(message);
                break;
            case Credit credit:
                _pendingBytes -= credit.Bytes;
                break;
            case TailDescribed answer:
                Describe(answer);
                break;
            case OffsetNotHeld miss:
                miss.Asker.Tell(new RequestFailed(FailureKind.NotFound, NotHeldReason(miss.Offset, miss.NextOffset), miss.RequestId), Self);
                break;
            case SegmentIsSealed rolled:
                Roll(rolled, Sender);
                break;
            case Drained drained:
                Release(drained);
                break;
            case IdleTick:
                _readers.LetGoOfIdle();
                break;
            case Maintenance.ManifestNotSaved failed:
                _log.Error(failed.Cause, "the MANIFEST of {0} could not be written; the next roll tries again", _settings.Directory);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Refusing(object message) => Refuse(message, Sender, _refusal);

    private void TakeAppend(LogRequest request)
    {
        var bytes = Requests.PendingBytesOf(request);
        if (Explain(request) is { } reason) Sender.Tell(new RequestFailed(FailureKind.Invalid, reason, request.RequestId), Self);
        else if (_pendingBytes > 0 && _pendingBytes + bytes > _settings.MaxPendingBytes)
            Sender.Tell(new RequestFailed(FailureKind.Unavailable, $"{_pendingBytes} bytes of appends are pending: at most {_settings.MaxPendingBytes} may be", request.RequestId), Self);
        else if (ToTail(request)) _pendingBytes += bytes;
    }

    private string? Explain(LogRequest request) => request switch
    {
        AppendBatch batch => BatchLimits.Explain(batch.Payloads, _settings.Options),
        Append append when append.Payload.Length > _settings.Options.MaxPayloadBytes =>
            $"the payload has {append.Payload.Length} bytes: at most {_settings.Options.MaxPayloadBytes} are allowed",
        _ => null,
    };

    /// <summary>Forwards to the active segment, or holds back while a roll hands over.</summary>
    private bool ToTail(object message)
    {
        if (!_handOver.IsUnderWay) _active.Tell(message, Sender);
        else if (_handOver.HeldCount < MaxHeldRequests) _handOver.Hold(message, Sender);
        else
        {
            Refuse(message, Sender, "too many requests wait for a segment to roll");
            return false;
        }
        return true;
    }

    private void Route(object query, long offset, long requestId)
    {
        var directory = _open.Directory;
        if (offset >= directory.ActiveBase) ToTail(query);
        else if (directory.FindSealed(offset) is { } segment) _readers.ActorOf(segment).Tell(query, Sender);
        else Sender.Tell(new RequestFailed(FailureKind.NotFound, NotHeldReason(offset, directory.ActiveBase), requestId), Self);
    }

    private void StartBatch(ReadBatch batch)
    {
        if (batch.MaxRecords < 1 || batch.MaxBytes < 1)
            Sender.Tell(new RequestFailed(FailureKind.Invalid, "max_records and max_bytes must be at least 1", batch.RequestId), Self);
        else Route(new ContinueBatch(batch, Sender, [], batch.MaxBytes), batch.Offset, batch.RequestId);
    }

    private void GoOnWithBatch(ContinueBatch batch)
    {
        var directory = _open.Directory;
        if (batch.NextOffset >= directory.ActiveBase) ToTail(batch);
        else if (directory.FindSealed(batch.NextOffset) is { } segment) _readers.ActorOf(segment).Tell(batch, batch.Asker);
        else batch.Asker.Tell(batch.Reply, Self);
    }

    private void Describe(TailDescribed answer)
    {
        var (request, asker) = answer.Question;
        // Segments that were sealed since the tail was asked are not yet part of the answer.
        var before = _open.Directory.Sealed.Where(segment => segment.BaseOffset < answer.Tail.StartOffset);
        if (request is GetSegments)
        {
            asker.Tell(new SegmentList([.. before.Select(segment => segment.Info), answer.Tail], request.RequestId), Self);
            return;
        }
        long entries = answer.Tail.RecordCount, bytes = answer.Tail.SizeBytes;
        foreach (var segment in before)
        {
            entries += segment.Info.RecordCount;
            bytes += segment.SizeBytes;
        }
        asker.Tell(new LogInfo(entries, bytes, answer.IsFullyDurable, _open.Directory.StartOffset, answer.Tail.EndOffset + 1, request.RequestId), Self);
    }

    private void Roll(SegmentIsSealed rolled, IActorRef old)
    {
        // Where the hand-over before is not done, this one waits: the old one must still get what is held back.
        if (_handOver.IsUnderWay && rolled.Sealed.BaseOffset == _open.Directory.ActiveBase) _handOver.Postpone(rolled, old);
        else
        {
            if (rolled.Sealed.BaseOffset == _open.Directory.ActiveBase)
            {
                _open.Directory.NoteSealed(rolled.Sealed);
                _readers.Adopt(rolled.Sealed, old);
                _active = StartActive(rolled.MaxSegmentBytes);
                _handOver.Begin(rolled.Sealed.BaseOffset);
                if (_open.Directory.TakeDueManifest() is { } manifest) _maintenance.Tell(new Maintenance.SaveManifest(manifest), Self);
            }
            // An actor that crashed in the middle asks twice.
            old.Tell(new SuccessorIs(_active), Self);
        }
    }

    private void Release(Drained drained)
    {
        if (!_handOver.IsOf(drained.BaseOffset)) return;
        foreach (var (message, sender) in _handOver.End()) _active.Tell(message, sender);
        if (_handOver.TakePostponed() is { } next) Roll(next.Rolled, next.Old);
    }

    private IActorRef StartActive(long maxSegmentBytes)
    {
        var cell = new SegmentCell(_open.Directory.ActiveBase, maxSegmentBytes);
        return Context.ActorOf(WalProps.Of<SegmentActor>(Context.System, "commit", cell, _open.Directory.Store, _settings, Self), _readers.NextName(cell.BaseOffset));
    }

    private string NotHeldReason(long offset, long nextOffset) => nextOffset == _open.Directory.StartOffset
        ? $"offset {offset} is not in the log, which is empty: its next offset is {nextOffset}"
        : $"offset {offset} is not in the log, which holds {_open.Directory.StartOffset} to {nextOffset - 1}";

    private void RefuseAll(string reason)
    {
        foreach (var (message, sender) in _handOver.End()) Refuse(message, sender, reason);
    }

    private void Refuse(object message, IActorRef sender, string reason)
    {
        var (asker, id) = Requests.AskerOf(message, sender);
        if (!asker.IsNobody()) asker.Tell(new RequestFailed(FailureKind.Unavailable, reason, id), Self);
    }

    private sealed class Producer(OpenLog open) : IIndirectActorProducer
    {
        public Type ActorType => typeof(LogManager);

        public ActorBase Produce() => new LogManager(open);

        public void Release(ActorBase actor)
        {
        }
    }
}
