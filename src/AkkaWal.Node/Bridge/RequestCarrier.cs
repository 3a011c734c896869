using System.Text;
using Akka.Actor;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Bridge;

/// <summary>Carries out what is about the node itself, and tells the logs what is for them. The logs are the bridge's children.</summary>
/// <remarks>
/// Requests for the log are told in bursts. One by one they would each find its actors asleep: those take a request in less time than
/// it takes to parse one, and putting threads to sleep and waking them would cost more than both.
/// </remarks>
internal sealed class RequestCarrier(BridgePorts ports, IActorContext context)
{
    private const int MostHeld = 256;

    private const string KeysNeedOneNode =
        "send, poll, commit_offsets and list_committed_offsets are not supported where init names several nodes, "
        + "since keys have no owner among them";

    private readonly List<LogRequest> _held = new(MostHeld);
    private string? _nodeId;
    private bool _isOneOfMany;
    private IActorRef _log = ActorRefs.Nobody;
    private IActorRef _kafka = ActorRefs.Nobody;

    /// <summary>The node's name, as it stands between quotes; null before <c>init</c>.</summary>
    public ReadOnlyMemory<byte>? NodeName { get; private set; }

    /// <summary>Whoever keeps records, and has to make them durable before the end.</summary>
    public IEnumerable<IActorRef> Logs
    {
        get
        {
            if (!_log.IsNobody()) yield return _log;
            if (!_kafka.IsNobody()) yield return _kafka;
        }
    }

    /// <summary>
    /// Carries a request out, or tells a log. The order of the cases is that in which errors go before one another: so a
    /// malformed request asks the log whether it is available, and no more.
    /// </summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="problem">Which of its fields is not as it must be; null where all are.</param>
    /// <returns>The reply where it is known at once; null where a log will give it.</returns>
    public LogReply? CarryOut(LogRequest request, string? problem)
    {
        long id = request.RequestId;
        if (request is not Initialize && RefuseUnnamed(id) is { } refused) return refused;
        if (_isOneOfMany && request is KafkaRequest) return new Refused(ErrorCode.NotSupported, KeysNeedOneNode, id);
        if (problem is not null && request is Initialize or EchoBack or KafkaRequest) return new Refused(ErrorCode.MalformedRequest, problem, id);
        switch (request)
        {
            case Initialize initialize:
                return Name(initialize);
            case EchoBack echo:
                return new Echoed(echo.Json, id);
            case KafkaRequest:
                if (_kafka.IsNobody()) _kafka = context.Watch(context.ActorOf(ports.OpenKafka(_nodeId!)));
                _kafka.Tell(request, context.Self);
                return null;
            default:
                if (TryOpenLog(_nodeId!) is { } refusal)
                    return new Refused(ErrorCode.TemporarilyUnavailable, refusal, id);
                _held.Add(problem is null ? request : new GetLogInfo(id));
                if (_held.Count == MostHeld) TellHeld();
                return null;
        }
    }

    /// <summary>What every request but <c>init</c> is told before that; null behind it.</summary>
    public LogReply? RefuseUnnamed(long requestId) => _nodeId is null
        ? new Refused(ErrorCode.TemporarilyUnavailable, "the node has no name yet: init comes first", requestId)
        : null;

    /// <summary>Tells the log a request of which it gave no answer yet.</summary>
    public void Tell(LogRequest request) => _held.Add(request);

    /// <summary>Tells the log what was held back for it; to be called before the actor does anything else.</summary>
    public void TellHeld()
    {
        foreach (var request in _held) _log.Tell(request, context.Self);
        _held.Clear();
    }

    /// <summary>Forgets a log that has stopped.</summary>
    public void Forget(IActorRef stopped)
    {
        if (stopped.Equals(_log)) _log = ActorRefs.Nobody;
        else _kafka = ActorRefs.Nobody;
    }

    private LogReply Name(Initialize request)
    {
        if (_nodeId is null)
        {
            if (TryOpenLog(request.NodeId) is { } refusal)
                return new Refused(ErrorCode.TemporarilyUnavailable, refusal, request.RequestId);

            _nodeId = request.NodeId;
            NodeName = Encoding.UTF8.GetBytes(request.NodeId);
        }

        if (_nodeId != request.NodeId)
            return new Refused(ErrorCode.PreconditionFailed, $"the node is called {_nodeId} already",
                request.RequestId);
        if (request.NodeCount > 1 && !_isOneOfMany)
        {
            _isOneOfMany = true;
            ports.Note($"init names {request.NodeCount} nodes: {KeysNeedOneNode}");
        }

        return new Initialized(request.RequestId);
    }

    // One that has stopped is opened anew when it is next asked.
    private string? TryOpenLog(string nodeId)
    {
        if (!_log.IsNobody()) return null;
        try
        {
            _log = context.Watch(context.ActorOf(ports.OpenLog(nodeId), "log"));
            return null;
        }
        catch (WalException e)
        {
            return e.Message;
        }
    }
}
