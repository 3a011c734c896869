using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Manager;
using AkkaWal.Manager.Maintenance;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Serialization;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;

namespace AkkaWal;

/// <summary>
/// The log. Knows which segment holds which offset, supervises one actor a segment and forwards to it; takes and answers the messages of
/// <see cref="LogRequest"/>. Sealed segments' actors are started when first needed and let go when idle.
/// </summary>
/// <remarks>
/// One sender's requests are carried out in the order in which it told them, across rolls too (see <see cref="SegmentActor"/>). A log
/// that can't be opened (locked, damaged) has an actor all the same: it refuses each request and says why.
/// </remarks>
public sealed partial class LogManager : UntypedActor, IWithTimers
{
    /// <summary>So many requests may be held back while a roll hands over; more are refused.</summary>
    private const int MaxHeldRequests = 1 << 16;

    private readonly LogStates _logs = LogStates.Of(Context.System);
    private readonly LogState _state;
    private readonly WalSettings _settings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RemoteFrame _frame = RemoteFrame.Of(Context.System);
    private readonly HandOver _handOver = new();
    private SealedSegmentActors _readers = null!;
    private MaintenanceQueue? _queue;
    private RetentionSchedule? _retention;
    private IActorRef _active = ActorRefs.Nobody, _maintenance = ActorRefs.Nobody;

    /// <summary>Made by <see cref="Props(ActorSystem, WalSettings, IWalFileSystem)"/>.</summary>
    /// <param name="settings">Checked.</param>
    /// <param name="files">The file system.</param>
    internal LogManager(WalSettings settings, IWalFileSystem files)
    {
        _state = _logs.Enter(Self, () => new LogState(settings, files));
        _settings = _state.Settings;
        _retry = new RetryWatch(_settings.Options.Clock);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>
    /// How to make one, as often as wanted: two actors, or one that is started again after it stopped, share nothing but the directory,
    /// which the first of them has. A restart by a supervisor keeps what a stop ends: the lock, a latched failure, the segment limit
    /// that was set, and what consumers hold.
    /// </summary>
    /// <param name="system">Where it will live: it runs on <c>akka-wal.manager-dispatcher</c> where the system's configuration has that.</param>
    /// <param name="settings">From <see cref="WalSettings.FromConfig"/>, or set by hand.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <exception cref="ArgumentException">The settings name no directory, or are to archive and name no place.</exception>
    public static Props Props(ActorSystem system, WalSettings settings, IWalFileSystem? files = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        return WalProps.On(system, "manager", Akka.Actor.Props.CreateBy(new Producer(settings.ThrowIfIncomplete(), files ?? PosixFileSystem.Instance)));
    }

    /// <inheritdoc/>
    protected override void PreStart() => Become(_retry.Try(TryOpen));

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);

    private void Open(object message)
    {
        if (TryRefuseInvalid(message)) return;
        switch (message)
        {
            case Append or AppendBatch:
                TakeAppend((LogRequest)message);
                break;
            case Read or Locate:
                Route(message, Sender);
                break;
            case ReadBatch batch:
                StartBatch(batch);
                break;
            case ContinueBatch batch:
                Route(batch, batch.Asker);
                break;
            case GetLogInfo or GetSegments when !_queue!.MustWait(Sender):
                AskTail((LogRequest)message, Sender);
                break;
            case GetLogInfo or GetSegments or DeleteSegment or TruncateBefore or CompressSegment or ArchiveSegment:
                TakeTicket((LogRequest)message, Sender);
                break;
            case SyncLog or SealActiveSegment or SetSegmentLimit:
                ToTail(message, Sender);
                break;
            case Credit credit:
                _state.PendingBytes -= credit.Bytes;
                break;
            case TicketPassed passed:
                _queue!.NoteTicket(passed.Ticket, passed.Tail);
                break;
            case TicketRefused refused:
                _queue!.NoteTicket(refused.Ticket, null, refused.Reason);
                break;
            case TailDescribed answer:
                Describe(answer.Request, answer.Asker, answer.Tail);
                break;
            case SegmentNotOpened miss:
                Judge(miss);
                break;
            case ReadsDrained:
                _queue!.NoteDrained(Sender);
                break;
            case Terminated stopped:
                NoteStopped(stopped.ActorRef);
                break;
            case WorkDone done:
                _queue!.Complete(done);
                break;
            case WorkNotDone failed:
                // Before it is answered: the next try may follow at once.
                if (failed.LacksDescriptors) LetGoForDescriptors();
                _queue!.Fail(failed);
                break;
            case FreeDescriptors:
                LetGoForDescriptors(Sender);
                break;
            case ReadUnopened question:
                ReadDamaged(question.Damage, ownsLock: true).Tell(question, Self);
                break;
            case OffsetNotHeld miss:
                miss.Asker.Tell(new RequestFailed(FailureKind.NotFound, _state.Directory.TellNotHeld(miss.Missing, miss.NextOffset), miss.RequestId), Self);
                break;
            case SegmentIsSealed rolled:
                Roll(rolled, Sender);
                break;
            case Drained drained:
                Release(drained);
                break;
            case HoldFloor or ReleaseFloor:
                TakeFloor((LogRequest)message, Sender);
                break;
            case RetentionTick:
                _retention!.Check(isTick: true);
                break;
            case IdleTick:
                _readers.LetGoOfIdle();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void TakeAppend(LogRequest request)
    {
        var bytes = Requests.PendingBytesOf(request);
        if (_state.PendingBytes > 0 && _state.PendingBytes + bytes > _settings.MaxPendingBytes)
            Sender.Tell(new RequestFailed(FailureKind.Unavailable, $"{_state.PendingBytes} bytes of appends are pending: at most {_settings.MaxPendingBytes} may be", request.RequestId), Self);
        else if (ToTail(request, Sender)) _state.PendingBytes += bytes;
    }

    /// <summary>Forwards to the active segment, or holds back while a roll hands over.</summary>
    private bool ToTail(object message, IActorRef sender)
    {
        if (!_handOver.IsUnderWay) _active.Tell(message, sender);
        else if (_handOver.HeldCount < MaxHeldRequests) _handOver.Hold(message, sender);
        else
        {
            Refuse(message, sender, "too many requests wait for a segment to roll");
            return false;
        }
        return true;
    }

    private void Roll(SegmentIsSealed rolled, IActorRef old)
    {
        // Where the hand-over before is not done, this one waits: the old one must still get what is held back.
        if (_handOver.IsUnderWay && rolled.Sealed.BaseOffset == _state.Directory.ActiveBase) _handOver.Postpone(rolled, old);
        else
        {
            if (rolled.Sealed.BaseOffset == _state.Directory.ActiveBase)
            {
                _state.Directory.NoteSealed(rolled.Sealed);
                _readers.Adopt(rolled.Sealed, old);
                _active = StartActive();
                _handOver.Begin(rolled.Sealed.BaseOffset, old);
                if (_state.Directory.IsManifestDue) _queue!.NoteManifestDue();
                _retention!.NoteSealed(rolled.Sealed.BaseOffset);
            }
            // An actor that crashed in the middle asks twice.
            old.Tell(new SuccessorIs(_active), Self);
        }
    }

    private void Release(Drained drained)
    {
        if (_handOver.IsOf(drained.BaseOffset)) EndHandOver();
    }

    private void EndHandOver()
    {
        _readers.NoteHandedOver();
        foreach (var (message, sender) in _handOver.End()) _active.Tell(message, sender);
        if (_handOver.TakePostponed() is { } next) Roll(next.Rolled, next.Old);
    }

    private IActorRef StartActive()
    {
        var memory = new SegmentMemory(_state.Directory.ActiveBase, _state.Tail, _state.IndexBudget, _state.Directory.TakeTail());
        var props = WalProps.Of<SegmentActor>(Context.System, "commit", memory, _state.Directory.Store, _settings, Self);
        var segment = Context.Watch(Context.ActorOf(props, _readers.NextName(memory.BaseOffset)));
        _state.Begin(segment, memory);
        return segment;
    }

    private sealed class Producer(WalSettings settings, IWalFileSystem files) : IIndirectActorProducer
    {
        public Type ActorType => typeof(LogManager);

        public ActorBase Produce() => new LogManager(settings, files);

        public void Release(ActorBase actor)
        {
        }
    }
}
