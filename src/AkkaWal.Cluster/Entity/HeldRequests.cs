using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Entity;

/// <summary>
/// Requests that wait until their log is open, in their order. Bounded as those that wait in an open log.
/// </summary>
/// <param name="maxBytes">What the appends among them may take.</param>
internal sealed class HeldRequests(long maxBytes)
{
    private const int MaxCount = 10_000;

    private readonly Queue<(object Message, IActorRef Sender)> _held = new();
    private long _bytes;

    /// <summary>Keeps a request, or finds that there is no room.</summary>
    internal bool TryHold(object message, IActorRef sender)
    {
        var bytes = BytesOf(message);
        if (_held.Count >= MaxCount || _bytes + bytes > maxBytes) return false;
        _bytes += bytes;
        _held.Enqueue((message, sender));
        return true;
    }

    internal bool TryTake(out object message, out IActorRef sender)
    {
        if (!_held.TryDequeue(out var next))
        {
            (message, sender) = (ActorRefs.Nobody, ActorRefs.Nobody);
            return false;
        }
        (message, sender) = next;
        _bytes -= BytesOf(message);
        return true;
    }

    private static long BytesOf(object message) =>
        Requests.PendingBytesOf(message is ShardedRequest sharded ? sharded.Request : message);
}
