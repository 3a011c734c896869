using Akka.Actor;
using Akka.Event;
using AkkaWal.Cluster.Messages;
using AkkaWal.Cluster.Naming;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Cluster.Entity;

/// <summary>
/// The entity of one sharded log, on the node that has the log now; the parent of its <see cref="LogManager"/>. It
/// waits until the previous owner has released the log's lock, and refuses requests after their deadline. It stops only
/// after the manager has stopped: then the log's directory is free.
/// </summary>
internal sealed class LogEntity : UntypedActor, IWithTimers
{
    // The ids of this actor's own requests to the manager. It gets no other replies.
    private const long ProbeId = -1, DrainId = -2;

    private const string ClosingReason = "the log is being closed: its shard moves to another node, or it was idle";

    // The pause between two checks whether another process has released the log's lock.
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    // The shortest time between two checks whether an open log takes appends, and is still this node's. A check needs a
    // request: an idle log is not checked.
    private static readonly TimeSpan CheckPause = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Region _region;
    private readonly string _name;
    private readonly HeldRequests _held;
    private readonly TimeProvider _clock;
    private readonly Reopenings _reopenings;
    private IActorRef _manager = ActorRefs.Nobody;
    private long _openingAt, _checkedAt;

    // How long this opening waits for the log's lock.
    private TimeSpan _lockWait;

    // Whether a probe has no reply yet, or is about to be sent.
    private bool _isProbing;

    // Whether this actor has seen the log open. Then it has a directory.
    private bool _wasOpen;

    // Whether the log refused the last check.
    private bool _wasRefused;

    private string? _whyAbsent;

    public LogEntity(Region region, string name)
    {
        (_region, _name) = (region, name);
        _held = new HeldRequests(region.Settings.MaxPendingBytes);
        _clock = region.Settings.Options.Clock;
        _reopenings = new Reopenings(_clock);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    internal static Props PropsOf(Region region, string name) => WalProps.Of<LogEntity>("manager", region, name);

    protected override void PreStart()
    {
        Become(Absent);
        // Sharding starts the entities that it remembers without a request. A log that does not exist is created by its
        // first request only.
        if (LogName.Explain(_name) is null && _region.Exists(_name)) TryStart(_region.LockWait);
    }

    protected override void PostStop()
    {
        _region.Metrics.Closed(_name);
        RefuseHeld(FailureKind.Unavailable, "the log was stopped");
    }

    // A bare request has no deadline.
    protected override bool AroundReceive(Receive receive, object message) =>
        base.AroundReceive(receive, message is LogRequest bare ? new ShardedRequest(bare, DateTime.MaxValue) : message);

    protected override void OnReceive(object message) => Unhandled(message);

    // No manager was started: the log may not be opened on this node, or it was not asked for yet.
    private void Absent(object message)
    {
        switch (message)
        {
            case CloseLog:
                Context.Stop(Self);
                break;
            case ShardedRequest request when LogName.Explain(_name) is { } why:
                Refuse(request, Sender, FailureKind.Invalid, why, "invalid");
                break;
            case ShardedRequest request when TryStart(_region.LockWait) is { } why:
                Refuse(request, Sender, FailureKind.Unavailable, why, "misplaced");
                break;
            // TryStart has started the manager.
            case ShardedRequest request:
                Opening(request);
                break;
            default:
                RefuseUnknown(message);
                break;
        }
    }

    // The manager was started, and has not opened the log yet: perhaps another process still has its lock. Requests
    // wait for the reply to a probe.
    private void Opening(object message)
    {
        switch (message)
        {
            case ShardedRequest request:
                Hold(request);
                Probe();
                break;
            case ProbeTick:
                _manager.Tell(new GetLogInfo(ProbeId));
                break;
            case LogInfo { RequestId: ProbeId }:
                BecomeOpen();
                break;
            case RequestFailed { RequestId: ProbeId } failed:
                NoteUnopened(failed);
                break;
            default:
                HandleEnd(message);
                break;
        }
    }

    private void Open(object message)
    {
        switch (message)
        {
            case ShardedRequest request:
                Pass(request, Sender);
                Check();
                break;
            case RequestFailed { RequestId: ProbeId, Kind: FailureKind.NotOwned } lost:
                ReopenLost(lost.Reason);
                break;
            case RequestFailed { RequestId: ProbeId, Kind: FailureKind.Unavailable } refused:
                NoteRefusal(refused.Reason);
                break;
            case LogInfo { RequestId: ProbeId } info:
                NoteInfo(info);
                break;
            default:
                HandleEnd(message);
                break;
        }
    }

    // The manager is being stopped, since it has lost the log or takes no appends. Another one opens the log again.
    private void Reopening(object message)
    {
        switch (message)
        {
            case ShardedRequest request:
                Hold(request);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                if (TryStart(_lockWait) is not { } why) break;
                // The next request tries again.
                RefuseHeld(FailureKind.Unavailable, why);
                _region.Metrics.Closed(_name);
                Become(Absent);
                break;
            default:
                HandleEnd(message);
                break;
        }
    }

    // The log takes nothing more. The manager answers what it has taken, in order, and then the drain.
    private void Closing(object message)
    {
        switch (message)
        {
            case ShardedRequest request:
                Refuse(request, Sender, FailureKind.Unavailable, ClosingReason, "moving");
                break;
            case LogReply { RequestId: DrainId } or DrainTimeout:
                Context.Stop(_manager);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                Context.Stop(Self);
                break;
            // Sharding may ask more than once, and the reply to a probe may come late.
            case CloseLog or LogReply or ProbeTick:
                break;
            default:
                RefuseUnknown(message);
                break;
        }
    }

    // For all states with a manager: the entity ends.
    private void HandleEnd(object message)
    {
        switch (message)
        {
            case CloseLog:
                RefuseHeld(FailureKind.Unavailable, ClosingReason);
                Become(Closing);
                // The next owner waits for the lock, and a large segment takes long to compress or to archive.
                _manager.Tell(new EndMaintenance());
                _manager.Tell(new SyncLog(DrainId));
                Timers.StartSingleTimer(nameof(DrainTimeout), DrainTimeout.Instance, _region.DrainPatience);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                // Another actor stopped it. The next request starts entity and manager again.
                Context.Stop(Self);
                break;
            case LogReply or ProbeTick:
                break;
            default:
                RefuseUnknown(message);
                break;
        }
    }

    // Starts the manager, or returns why the log may not be opened here. Operators are told each reason once.
    private string? TryStart(TimeSpan lockWait)
    {
        var files = _region.FilesOf(Context.System, _name);
        var why = _region.WhyNotHere(_name)
            ?? (files is null ? $"the lease of the shard of {_name} is not known" : null)
            ?? (_wasOpen && !_region.Exists(_name)
                ? $"the directory of the log {_name} can't be found, and is not created anew" : null);
        if (why is not null && why != _whyAbsent) _log.Error("{0}", why);
        _whyAbsent = why;
        if (why is not null) return why;
        var folder = LogName.FolderOf(_name);
        var settings = _region.Settings with { Directory = _region.Root.Folder(folder) };
        var props = LogManager.Props(Context.System, settings, files);
        _manager = Context.Watch(Context.ActorOf(props, $"{_region.Name}:{folder}"));
        (_openingAt, _lockWait, _isProbing) = (_clock.GetTimestamp(), lockWait, false);
        _reopenings.NoteOpening();
        _region.Metrics.Opened(_name, _region.Extractor.ShardOf(_name));
        Become(Opening);
        Probe();
        return null;
    }

    private void Probe()
    {
        if (_isProbing) return;
        _isProbing = true;
        Self.Tell(ProbeTick.Instance);
    }

    private void NoteUnopened(RequestFailed failed)
    {
        var waited = _clock.GetElapsedTime(_openingAt);
        if (failed.Kind == FailureKind.NotOwned && waited < _lockWait)
        {
            Timers.StartSingleTimer(nameof(ProbeTick), ProbeTick.Instance, ProbePause);
            return;
        }
        // From now on each request causes a probe, and the manager tries again to open the log.
        _isProbing = false;
        if (failed.Kind != FailureKind.NotOwned)
        {
            // The manager answers each request, and says why the log could not be opened. Where the recovery of the
            // last segment failed, it does not try again.
            if (failed.Kind == FailureKind.Unavailable && _reopenings.TryReopen()) ReopenFailed(failed.Reason);
            else PassHeld();
            return;
        }
        RefuseHeld(failed.Kind, failed.Reason);
        if (_lockWait > TimeSpan.Zero)
            _log.Warning("the log {0} could not be opened within {1}: {2}", _name, _lockWait, failed.Reason);
        _lockWait = TimeSpan.Zero;
        // A manager that has opened the log and lost it before it answered the probe does not open it again.
        if (waited >= CheckPause) Reopen(TimeSpan.Zero);
    }

    private void BecomeOpen()
    {
        _region.Metrics.WaitedForLock(_clock.GetElapsedTime(_openingAt));
        (_checkedAt, _wasOpen, _wasRefused) = (_clock.GetTimestamp(), true, false);
        Become(Open);
        PassHeld();
    }

    // A manager that has lost its lock, or has latched a failure, refuses appends until it is started again. It answers
    // their senders, so this actor must ask by itself.
    private void Check()
    {
        if (_clock.GetElapsedTime(_checkedAt) < CheckPause) return;
        _checkedAt = _clock.GetTimestamp();
        _manager.Tell(new GetLogInfo(ProbeId));
    }

    // A log whose next segment could not be opened answers no question about itself. While many requests wait for a
    // roll it does not either, so it is asked twice.
    private void NoteRefusal(string why)
    {
        if (_wasRefused && _reopenings.TryReopen()) ReopenFailed(why);
        _wasRefused = true;
    }

    private void NoteInfo(LogInfo info)
    {
        _wasRefused = false;
        switch (info)
        {
            case { ReadOnlyKind: null }:
                _reopenings.NoteHealthy();
                break;
            case { ReadOnlyKind: FailureKind.NotOwned }:
                ReopenLost(info.ReadOnlyReason);
                break;
            // A damaged log needs a repair. Its manager opens it after that.
            case { Damage: "" } when _reopenings.TryReopen():
                ReopenFailed(info.ReadOnlyReason);
                break;
        }
    }

    private void ReopenLost(string why)
    {
        _log.Warning("the log {0} is opened again, since this node has lost it: {1}", _name, why);
        Reopen(_region.LockWait);
    }

    // Recovery writes again what may not have reached the disk, and syncs it before it serves anything.
    private void ReopenFailed(string why)
    {
        _log.Warning("the log {0} is opened again, since it took no appends after a failure: {1}", _name, why);
        Reopen(_region.LockWait);
    }

    private void Reopen(TimeSpan lockWait)
    {
        _lockWait = lockWait;
        Become(Reopening);
        Context.Stop(_manager);
    }

    private void Hold(ShardedRequest request)
    {
        if (!_held.TryHold(request, Sender))
            Refuse(request, Sender, FailureKind.Unavailable, "too many requests wait for the log", "full");
    }

    private void PassHeld()
    {
        while (_held.TryRemove(out var request, out var sender)) Pass(request, sender);
    }

    private void Pass(ShardedRequest request, IActorRef sender)
    {
        if (request.Deadline > DateTime.UtcNow) _manager.Tell(request.Request, sender);
        else
            Refuse(
                request, sender, FailureKind.Unavailable,
                $"the request came after its deadline, {request.Deadline:O}, and was not carried out", "late");
    }

    private void RefuseHeld(FailureKind kind, string why)
    {
        while (_held.TryRemove(out var request, out var sender)) Refuse(request, sender, kind, why, "moving");
    }

    private void Refuse(ShardedRequest request, IActorRef sender, FailureKind kind, string why, string reason)
    {
        _region.Metrics.Refused(reason);
        sender.Tell(new RequestFailed(kind, why, request.Request.RequestId), Self);
    }

    private void RefuseUnknown(object message)
    {
        Unhandled(message);
        if (message is INoSerializationVerificationNeeded || Sender.IsNobody()) return;
        _region.Metrics.Refused("invalid");
        Sender.Tell(new Status.Failure(new ArgumentException($"{message.GetType()} is no request to a log")));
    }
}
