using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using AkkaWal.Answers;

namespace AkkaWal.Cluster.Entity;

/// <summary>
/// Requests that wait until their log is open, in order. Their number is bounded, and so are the bytes of the appends
/// among them, as in an open log.
/// </summary>
/// <param name="maxBytes">The most bytes of the appends.</param>
internal sealed class HeldRequests(long maxBytes)
{
    private const int MaxCount = 10_000;

    private readonly Queue<(ShardedRequest Request, IActorRef Sender)> _held = new();
    private long _bytes;

    /// <summary>Holds a request; false if there is no room for it.</summary>
    internal bool TryHold(ShardedRequest request, IActorRef sender)
    {
        var bytes = BytesOf(request);
        if (_held.Count >= MaxCount || _bytes + bytes > maxBytes) return false;
        _bytes += bytes;
        _held.Enqueue((request, sender));
        return true;
    }

    /// <summary>Removes the oldest request; false if there is none.</summary>
    internal bool TryRemove([NotNullWhen(true)] out ShardedRequest? request, [NotNullWhen(true)] out IActorRef? sender)
    {
        if (!_held.TryDequeue(out var next))
        {
            (request, sender) = (null, null);
            return false;
        }
        (request, sender) = next;
        _bytes -= BytesOf(request);
        return true;
    }

    private static long BytesOf(ShardedRequest request) => Requests.PendingBytesOf(request.Request);
}
