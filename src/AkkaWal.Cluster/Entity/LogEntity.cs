using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Cluster.Messages;
using AkkaWal.Cluster.Naming;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Entity;

/// <summary>
/// The entity of one sharded log, on the node that has the log now; the parent of its <see cref="LogManager"/>. It
/// waits until the previous owner has released the log's lock, and refuses requests after their deadline. It stops only
/// after the manager has stopped: then the log's directory is free.
/// </summary>
internal sealed class LogEntity : UntypedActor, IWithTimers
{
    // The ids of its own requests to the manager. No other replies come to this actor.
    private const long ProbeId = -1, DrainId = -2;

    private const string ClosingReason = "the log is being closed: its shard moves to another node, or it was idle";

    /// <summary>
    /// How long a log that is closed may take to answer what it has taken. Sharding kills an entity 5 s before
    /// <c>handoff-timeout</c> ends. That is 60 s by default, and 15 s in hocon/failover.conf.
    /// </summary>
    internal static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(8);

    // Between two looks at a log that another process has locked.
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    // Between two looks, at least, whether an open log is still this node's. It looks only when there are requests.
    private static readonly TimeSpan OwnershipCheckPause = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Region _region;
    private readonly string _name;
    private readonly HeldRequests _held;
    private IActorRef _manager = ActorRefs.Nobody;
    private long _openingAt, _checkedAt;
    private bool _hasBeenOpen;
    private string? _whyAbsent, _whyLost;

    public LogEntity(Region region, string name)
    {
        (_region, _name) = (region, name);
        _held = new HeldRequests(region.Settings.MaxPendingBytes);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    internal static Props PropsOf(Region region, string name) => WalProps.Of<LogEntity>("manager", region, name);

    protected override void PreStart()
    {
        Become(Absent);
        // Sharding starts the entities that it remembers without a request. A log that does not exist is created by its
        // first request only.
        if (LogName.Explain(_name) is null && _region.Exists(_name)) TryStart();
    }

    protected override void PostStop()
    {
        _region.Metrics.Closed(_name);
        RefuseHeld("the log was stopped", "moving");
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
            case ShardedRequest request when TryStart() is { } why:
                Refuse(request, Sender, FailureKind.Unavailable, why, "misplaced");
                break;
            // TryStart has started the manager.
            case ShardedRequest request:
                Opening(request);
                break;
            default:
                RefuseForeign(message);
                break;
        }
    }

    // The manager was started. Perhaps another process still has the log's lock.
    private void Opening(object message)
    {
        switch (message)
        {
            case ShardedRequest request when _whyLost is { } why:
                Refuse(request, Sender, FailureKind.NotOwned, why, "moving");
                break;
            case ShardedRequest request:
                if (!_held.TryHold(request, Sender))
                    Refuse(request, Sender, FailureKind.Unavailable, "too many requests wait for the log", "full");
                break;
            case ProbeTick:
                _manager.Tell(new GetLogInfo(ProbeId));
                break;
            case RequestFailed { RequestId: ProbeId } failed when IsWaitWorthwhile(failed):
                Timers.StartSingleTimer(nameof(ProbeTick), ProbeTick.Instance, ProbePause);
                break;
            // If the log could not be opened, its manager refuses each request, and says why.
            case LogReply { RequestId: ProbeId } reply:
                BecomeOpen(reply);
                break;
            default:
                TakeEnd(message);
                break;
        }
    }

    private void Open(object message)
    {
        switch (message)
        {
            case ShardedRequest request:
                Pass(request, Sender);
                CheckOwnership();
                break;
            case RequestFailed { RequestId: ProbeId, Kind: FailureKind.NotOwned } lost when _hasBeenOpen:
                Reopen(lost.Reason);
                break;
            case LogReply { RequestId: ProbeId } reply:
                _hasBeenOpen |= reply is LogInfo;
                break;
            default:
                TakeEnd(message);
                break;
        }
    }

    // The log was lost while its shard stayed here, and its manager is being stopped.
    private void Reopening(object message)
    {
        switch (message)
        {
            case ShardedRequest request:
                Refuse(request, Sender, FailureKind.NotOwned, _whyLost!, "moving");
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                if (TryStart() is null) break;
                // The next request tries again.
                _whyLost = null;
                _region.Metrics.Closed(_name);
                Become(Absent);
                break;
            default:
                TakeEnd(message);
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
                RefuseForeign(message);
                break;
        }
    }

    private void TakeEnd(object message)
    {
        switch (message)
        {
            case CloseLog:
                RefuseHeld(ClosingReason, "moving");
                Become(Closing);
                _manager.Tell(new SyncLog(DrainId));
                Timers.StartSingleTimer(nameof(DrainTimeout), DrainTimeout.Instance, DrainPatience);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                // Another actor stopped it. The next request starts entity and manager again.
                Context.Stop(Self);
                break;
            case LogReply or ProbeTick:
                break;
            default:
                RefuseForeign(message);
                break;
        }
    }

    // Starts the manager, or returns why the log may not be opened here. Operators are told each reason once.
    private string? TryStart()
    {
        var files = _region.FilesOf(Context.System, _name);
        var why = _region.WhyNotHere(_name)
            ?? (files is null ? $"the lease of the shard of {_name} is not known" : null);
        if (why is not null && why != _whyAbsent) _log.Error("{0}", why);
        _whyAbsent = why;
        if (why is not null) return why;
        var folder = LogName.FolderOf(_name);
        var settings = _region.Settings with { Directory = _region.Root.Folder(folder) };
        var props = LogManager.Props(Context.System, settings, files);
        _manager = Context.Watch(Context.ActorOf(props, $"{_region.Name}:{folder}"));
        (_openingAt, _hasBeenOpen) = (Stopwatch.GetTimestamp(), false);
        _region.Metrics.Opened(_name, _region.Extractor.ShardOf(_name));
        Become(Opening);
        Self.Tell(ProbeTick.Instance);
        return null;
    }

    private bool IsWaitWorthwhile(RequestFailed failed)
    {
        if (failed.Kind != FailureKind.NotOwned) return false;
        if (Stopwatch.GetElapsedTime(_openingAt) < _region.LockWait) return true;
        _log.Warning("the log {0} could not be opened within {1}: {2}", _name, _region.LockWait, failed.Reason);
        return false;
    }

    private void BecomeOpen(LogReply reply)
    {
        _region.Metrics.WaitedForLock(Stopwatch.GetElapsedTime(_openingAt));
        (_hasBeenOpen, _whyLost, _checkedAt) = (reply is LogInfo, null, Stopwatch.GetTimestamp());
        Become(Open);
        while (_held.TryTake(out var request, out var sender)) Pass(request, sender);
    }

    // A manager that has lost its lock refuses all requests until it is started again. It answers their senders, so
    // this actor must ask by itself.
    private void CheckOwnership()
    {
        if (Stopwatch.GetElapsedTime(_checkedAt) < OwnershipCheckPause) return;
        _checkedAt = Stopwatch.GetTimestamp();
        _manager.Tell(new GetLogInfo(ProbeId));
    }

    private void Reopen(string why)
    {
        _log.Warning("the log {0} is opened again, since this node has lost it: {1}", _name, why);
        _whyLost = why;
        Become(Reopening);
        Context.Stop(_manager);
    }

    private void Pass(ShardedRequest request, IActorRef sender)
    {
        if (request.Deadline > DateTime.UtcNow) _manager.Tell(request.Request, sender);
        else
            Refuse(
                request, sender, FailureKind.Unavailable,
                $"the request came after its deadline, {request.Deadline:O}, and was not carried out", "late");
    }

    private void RefuseHeld(string why, string reason)
    {
        while (_held.TryTake(out var request, out var sender))
            Refuse(request, sender, FailureKind.Unavailable, why, reason);
    }

    private void Refuse(ShardedRequest request, IActorRef sender, FailureKind kind, string why, string reason)
    {
        _region.Metrics.Refused(reason);
        sender.Tell(new RequestFailed(kind, why, request.Request.RequestId), Self);
    }

    private void RefuseForeign(object message)
    {
        Unhandled(message);
        if (message is INoSerializationVerificationNeeded || Sender.IsNobody()) return;
        _region.Metrics.Refused("invalid");
        Sender.Tell(new Status.Failure(new ArgumentException($"{message.GetType()} is no request to a log")));
    }
}
