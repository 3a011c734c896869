using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// The requests under way, in the order in which they came, and the rules by which one more may be begun. Replies come in
/// any order and leave in that of the requests.
/// </summary>
internal sealed class ReplyQueue(NodeSettings settings)
{
    private readonly SlotRing _slots = new(settings.WindowRequests);
    private int _unansweredCount;
    private int _payloadReplyCount;
    private bool _isExclusive;

    /// <summary>Whether no request is under way.</summary>
    public bool IsEmpty => _slots.IsEmpty;

    /// <summary>The sequence number that the next request gets.</summary>
    public long NextSequence => _slots.Tail;

    /// <summary>Whether the oldest request's reply is in.</summary>
    public bool HasReply => !_slots.IsEmpty && _slots[_slots.Head].Reply is not null;

    /// <summary>
    /// Whether a request may be begun: an exclusive one when nothing is unanswered, any other when no exclusive one is, and
    /// either only within the window. A request that is alone always fits the window.
    /// </summary>
    /// <param name="operation">What it asks for; null where its type is unknown.</param>
    /// <param name="startPosition">The byte of the input at which it starts.</param>
    public bool HasRoomFor(Operation? operation, long startPosition)
    {
        if (_slots.IsEmpty) return true;
        if (_isExclusive || _slots.IsFull || startPosition - _slots[_slots.Head].StartPosition > settings.WindowBytes) return false;
        if (operation is null) return true;
        if (!operation.IsPipelined) return _unansweredCount == 0;
        return !operation.ReturnsPayload || _payloadReplyCount < settings.WindowReads;
    }

    /// <summary>Gives the next request its slot, with its reply in it where that is known already.</summary>
    public void Add(in Slot slot)
    {
        _slots.Add(slot);
        if (slot.Operation is { ReturnsPayload: true }) _payloadReplyCount++;
        if (slot.Reply is not null) return;
        _unansweredCount++;
        _isExclusive = slot.Operation is not { IsPipelined: true };
    }

    /// <summary>Puts a reply into its request's slot.</summary>
    /// <returns>False where the request has its answer already.</returns>
    public bool Answer(LogReply reply)
    {
        if (!_slots.Has(reply.RequestId) || _slots[reply.RequestId].Reply is not null) return false;

        ref var slot = ref _slots[reply.RequestId];
        bool isUnavailable = reply is RequestFailed { Kind: FailureKind.Unavailable };
        slot.Reply = slot.Problem is null || isUnavailable ? reply : new Refused(ErrorCode.MalformedRequest, slot.Problem, reply.RequestId);
        _unansweredCount--;
        _isExclusive = false;
        return true;
    }

    /// <summary>Takes the oldest request away; its reply is in.</summary>
    public Slot Remove()
    {
        var slot = _slots[_slots.Head];
        _slots.RemoveHead();
        if (slot.Operation is { ReturnsPayload: true }) _payloadReplyCount--;
        return slot;
    }

    /// <summary>Whether the oldest request's deadline has come. Deadlines come in the order of the requests.</summary>
    public bool IsOverdue(long now) => !_slots.IsEmpty && _slots[_slots.Head].Deadline <= now;

    /// <summary>Answers what has no answer, and a deadline that has come, as unknown.</summary>
    public void GiveUp(long now, string reason)
    {
        for (long sequence = _slots.Head; sequence < _slots.Tail && _slots[sequence].Deadline <= now; sequence++)
            Answer(new Refused(ErrorCode.Crash, reason, sequence));
    }
}
