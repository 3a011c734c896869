using System.Text;
using Akka.Actor;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Bridge.Requests;

/// <summary>
/// Carries out requests about the node itself, and sends the others to the logs. The logs are the bridge's children.
/// </summary>
/// <remarks>
/// Requests for the log are sent in bursts. The log's actors take a request in less time than it takes to parse the
/// next one, so single requests would find their threads asleep, and waking them costs more than both.
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

    /// <summary>How many <see cref="Logs"/> there are at most.</summary>
    public const int MostLogs = 2;

    /// <summary>The actors that keep records. They must be synced before the end.</summary>
    public IEnumerable<IActorRef> Logs
    {
        get
        {
            if (!_log.IsNobody()) yield return _log;
            if (!_kafka.IsNobody()) yield return _kafka;
        }
    }

    /// <summary>
    /// Carries a request out, or sends it to a log. The order of the checks decides which error a request gets. A
    /// malformed request only asks the log whether it is available.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="problem">What is wrong with its fields; null where nothing is.</param>
    /// <returns>The reply where it is known at once; null where a log will give it.</returns>
    public LogReply? CarryOut(LogRequest request, string? problem)
    {
        var id = request.RequestId;
        if (request is not Initialize && RefuseUnnamed(id) is { } refused) return refused;
        if (_isOneOfMany && request is KafkaRequest) return new Refused(ErrorCode.NotSupported, KeysNeedOneNode, id);
        if (problem is not null && request is Initialize or EchoBack or KafkaRequest)
            return new Refused(ErrorCode.MalformedRequest, problem, id);
        switch (request)
        {
            case Initialize initialize:
                return SetName(initialize);
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

    /// <summary>The reply to a request that comes before <c>init</c>; null after it.</summary>
    public LogReply? RefuseUnnamed(long requestId) => _nodeId is null
        ? new Refused(ErrorCode.TemporarilyUnavailable, "the node has no name yet: init comes first", requestId)
        : null;

    /// <summary>Sends a request to the log again.</summary>
    public void Tell(LogRequest request) => _held.Add(request);

    /// <summary>Sends the requests that were held back. To be called at the end of each burst.</summary>
    public void TellHeld()
    {
        foreach (var request in _held) _log.Tell(request, context.Self);
        _held.Clear();
    }

    /// <summary>Notes that a log has stopped.</summary>
    public void Forget(IActorRef stopped)
    {
        if (stopped.Equals(_log)) _log = ActorRefs.Nobody;
        else _kafka = ActorRefs.Nobody;
    }

    private LogReply SetName(Initialize request)
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

    // A log that has stopped is opened again at the next request.
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
