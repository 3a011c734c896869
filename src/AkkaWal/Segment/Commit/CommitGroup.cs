using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;

namespace AkkaWal.Segment.Commit;

/// <summary>
/// The appends of one commit, which wait for its outcome. Each gets exactly one reply. Owned by one actor.
/// </summary>
internal sealed class CommitGroup
{
    private readonly List<Waiting> _waiting = [];

    /// <summary>The pending bytes of these appends, which the manager counts.</summary>
    internal long PendingBytes { get; private set; }

    internal bool IsEmpty => _waiting.Count == 0;

    internal int Count => _waiting.Count;

    /// <summary>Allocates memory for one more append.</summary>
    internal void Reserve() => _waiting.EnsureCapacity(_waiting.Count + 1);

    internal void Add(IActorRef sender, Append request, long offset) =>
        Add(new Waiting(sender, request.RequestId, offset, 0), Requests.PendingBytesOf(request));

    internal void Add(IActorRef sender, AppendBatch request, long firstOffset) =>
        Add(
            new Waiting(sender, request.RequestId, firstOffset, request.Payloads.Count),
            Requests.PendingBytesOf(request));

    /// <summary>The commit is as durable as the policy promises.</summary>
    /// <returns>The pending bytes that were answered.</returns>
    internal long Succeed(IActorRef self)
    {
        foreach (var one in _waiting)
        {
            one.Sender.Tell(one.BatchCount == 0
                ? new Appended(one.FirstOffset, one.RequestId)
                : new BatchAppended(one.FirstOffset, one.BatchCount, one.RequestId), self);
        }
        return Clear();
    }

    /// <summary>The commit failed.</summary>
    /// <returns>The pending bytes that were answered.</returns>
    internal long Fail(FailureKind kind, string reason, IActorRef self)
    {
        foreach (var one in _waiting) one.Sender.Tell(new RequestFailed(kind, reason, one.RequestId), self);
        return Clear();
    }

    private void Add(Waiting one, long pendingBytes)
    {
        _waiting.Add(one);
        PendingBytes += pendingBytes;
    }

    private long Clear()
    {
        var answered = PendingBytes;
        PendingBytes = 0;
        _waiting.Clear();
        return answered;
    }

    /// <param name="Sender">The actor that gets the reply.</param>
    /// <param name="RequestId">The request's id.</param>
    /// <param name="FirstOffset">The offset of its first record.</param>
    /// <param name="BatchCount">The number of records of a batch; 0 for a single append.</param>
    private readonly record struct Waiting(IActorRef Sender, long RequestId, long FirstOffset, int BatchCount);
}
