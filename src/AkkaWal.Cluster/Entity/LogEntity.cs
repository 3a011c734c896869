using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Cluster.Messages;
using AkkaWal.Cluster.Naming;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Entity;

/// <summary>
/// One sharded log on the node that has it now: the parent of its <see cref="LogManager"/>. It waits for the lock of
/// the log's previous owner, refuses what comes too late, and stops only when the manager has: the log's directory is
/// free by then.
/// </summary>
internal sealed class LogEntity : UntypedActor, IWithTimers
{
    // Requests of its own to the manager; nobody else's replies come here.
    private const long ProbeId = -1, DrainId = -2;

    /// <summary>
    /// How long a log that is closed may take to answer what it has taken. Sharding kills an entity 5 s before
    /// <c>handoff-timeout</c> ends. That is 60 s by default, and 15 s in hocon/failover.conf.
    /// </summary>
    internal static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Region _region;
    private readonly string _name;
    private readonly HeldRequests _held;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private IActorRef _manager = ActorRefs.Nobody;

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
        // A log that sharding remembers. Another one is made by its first request, and by nothing else.
        if (LogName.Explain(_name) is null && _region.Exists(_name)) TryStart();
    }

    protected override void PostStop()
    {
        _region.Metrics.Closed(_name);
        RefuseHeld("the log was stopped", "moving");
    }

    protected override void OnReceive(object message) => Unhandled(message);

    // There is no such log, or it may not be opened on this node.
    private void Absent(object message)
    {
        switch (message)
        {
            case CloseLog:
                Context.Stop(Self);
                break;
            case ShardedRequest or LogRequest when LogName.Explain(_name) is { } why:
                Refuse(message, Sender, FailureKind.Invalid, why, "invalid");
                break;
            case ShardedRequest or LogRequest when TryStart():
                Opening(message);
                break;
            case ShardedRequest or LogRequest:
                Refuse(message, Sender, FailureKind.Unavailable, _region.WhyNotHere(_name) ?? "try again", "misplaced");
                break;
            default:
                RefuseForeign(message);
                break;
        }
    }

    // The manager has been started, and may wait for the lock of another.
    private void Opening(object message)
    {
        switch (message)
        {
            case ShardedRequest or LogRequest:
                if (!_held.TryHold(message, Sender))
                    Refuse(message, Sender, FailureKind.Unavailable, "too many requests wait for the log", "full");
                break;
            case ProbeTick:
                _manager.Tell(new GetLogInfo(ProbeId));
                break;
            case RequestFailed { RequestId: ProbeId } failed when IsWaitWorthwhile(failed):
                Timers.StartSingleTimer(nameof(ProbeTick), ProbeTick.Instance, ProbePause);
                break;
            // Where it could not be opened, it refuses what it is asked, and says why.
            case LogReply { RequestId: ProbeId }:
                BecomeOpen();
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
            case ShardedRequest or LogRequest:
                Pass(message, Sender);
                break;
            default:
                TakeEnd(message);
                break;
        }
    }

    // Nothing more is taken. The manager answers what it took, in its order, and then the drain.
    private void Closing(object message)
    {
        switch (message)
        {
            case ShardedRequest or LogRequest:
                Refuse(message, Sender, FailureKind.Unavailable, "the log is about to be on another node", "moving");
                break;
            case LogReply { RequestId: DrainId } or DrainTimeout:
                Context.Stop(_manager);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                Context.Stop(Self);
                break;
            // Sharding may ask more than once; a probe may be late.
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
                RefuseHeld("the log is about to be on another node", "moving");
                Become(Closing);
                _manager.Tell(new SyncLog(DrainId));
                Timers.StartSingleTimer(nameof(DrainTimeout), DrainTimeout.Instance, DrainPatience);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_manager):
                // Somebody stopped it. The next request starts both again.
                Context.Stop(Self);
                break;
            case LogReply or ProbeTick:
                break;
            default:
                RefuseForeign(message);
                break;
        }
    }

    private bool TryStart()
    {
        if (_region.WhyNotHere(_name) is { } why)
        {
            _log.Error("{0}", why);
            return false;
        }
        if (_region.FilesOf(Context.System, _name) is not { } files)
        {
            _log.Error("the lease of the shard of {0} is not known", _name);
            return false;
        }
        var folder = LogName.FolderOf(_name);
        var settings = _region.Settings with { Directory = _region.Root.Folder(folder) };
        var props = LogManager.Props(Context.System, settings, files);
        _manager = Context.Watch(Context.ActorOf(props, $"{_region.Name}:{folder}"));
        _region.Metrics.Opened(_name, _region.Extractor.ShardOf(_name));
        Become(Opening);
        Self.Tell(ProbeTick.Instance);
        return true;
    }

    private bool IsWaitWorthwhile(RequestFailed failed)
    {
        if (failed.Kind != FailureKind.NotOwned) return false;
        var waited = Stopwatch.GetElapsedTime(_startedAt);
        if (waited < _region.LockWait) return true;
        _log.Warning("the log {0} could not be opened within {1}: {2}", _name, _region.LockWait, failed.Reason);
        return false;
    }

    private void BecomeOpen()
    {
        _region.Metrics.WaitedForLock(Stopwatch.GetElapsedTime(_startedAt));
        Become(Open);
        while (_held.TryTake(out var message, out var sender)) Pass(message, sender);
    }

    private void Pass(object message, IActorRef sender)
    {
        if (message is not ShardedRequest sharded) _manager.Tell(message, sender);
        else if (sharded.Deadline > DateTime.UtcNow) _manager.Tell(sharded.Request, sender);
        else
            Refuse(
                message, sender, FailureKind.Unavailable,
                $"the request came after its deadline, {sharded.Deadline:O}, and was not carried out", "late");
    }

    private void RefuseHeld(string why, string reason)
    {
        while (_held.TryTake(out var message, out var sender))
            Refuse(message, sender, FailureKind.Unavailable, why, reason);
    }

    private void Refuse(object message, IActorRef sender, FailureKind kind, string why, string reason)
    {
        var request = message is ShardedRequest sharded ? sharded.Request : (LogRequest)message;
        _region.Metrics.Refused(reason);
        sender.Tell(new RequestFailed(kind, why, request.RequestId), Self);
    }

    private void RefuseForeign(object message)
    {
        Unhandled(message);
        if (message is INoSerializationVerificationNeeded || Sender.IsNobody()) return;
        _region.Metrics.Refused("invalid");
        Sender.Tell(new Status.Failure(new ArgumentException($"{message.GetType()} is no request to a log")));
    }
}
