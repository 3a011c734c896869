using Akka.Actor;
using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Messages;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.Planted;

/// <summary>
/// An actor between sharding and a log. It holds the append that a spec waits for, until sharding tells the log to
/// close. All other messages reach the log.
/// </summary>
internal sealed class HoldingEntity : UntypedActor
{
    private const long EndId = -100;

    private readonly HeldAppend _plan;
    private readonly string _name;
    private readonly IActorRef _log;
    private (ShardedRequest Request, IActorRef Sender)? _held;

    public HoldingEntity(HeldAppend plan, Region region, string name)
    {
        (_plan, _name) = (plan, name);
        _log = Context.Watch(Context.ActorOf(LogEntity.PropsOf(region, name)));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ShardedRequest { Request: Append append } request when _plan.TryHold(_name, append):
                _held = (request, Sender);
                break;
            case CloseLog when _held is { } held:
                // In this time no other append of this sender is under way, so the end of the log stays.
                if (_plan.Fate == HeldFate.Passed) _log.Tell(held.Request, held.Sender);
                if (_plan.Fate == HeldFate.Acknowledged) _log.Tell(new GetLogInfo(EndId));
                else _log.Tell(CloseLog.Instance);
                break;
            case LogInfo { RequestId: EndId } info when _held is { } held:
                held.Sender.Tell(new Appended(info.NextOffset, held.Request.Request.RequestId));
                _log.Tell(CloseLog.Instance);
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            default:
                _log.Forward(message);
                break;
        }
    }
}

/// <summary>What becomes of a held append in the hand-over.</summary>
internal enum HeldFate
{
    /// <summary>The log gets it before it closes: no fault.</summary>
    Passed,

    /// <summary>The log does not get it. It is acknowledged at the end of the log.</summary>
    Acknowledged,

    /// <summary>The log does not get it, and it has no reply. It is ignored each time that it is sent again.</summary>
    Ignored,
}

/// <summary>The append that a spec wants to be held. For all nodes of a cluster.</summary>
internal sealed class HeldAppend(HeldFate fate)
{
    private readonly TaskCompletionSource<Append> _append = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _log;

    internal HeldFate Fate => fate;

    /// <summary>Ends when the append is held.</summary>
    internal Task<Append> Append => _append.Task;

    /// <summary>The props of a log's entity that holds the append.</summary>
    internal Props PropsOf(Region region, string log) => Props.Create(() => new HoldingEntity(this, region, log));

    /// <summary>Wants the next append to a log.</summary>
    internal void Await(string log) => _log = log;

    internal bool TryHold(string log, Append append)
    {
        if (log != _log) return false;
        return _append.TrySetResult(append)
            || fate == HeldFate.Ignored && _append.Task.Result.Payload.Span.SequenceEqual(append.Payload.Span);
    }
}
