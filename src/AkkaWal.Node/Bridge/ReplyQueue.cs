using System.Diagnostics;
using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// The requests under way, in the order in which they came, and the rules for beginning one more. Replies come in any
/// order and leave in the order of the requests.
/// </summary>
internal sealed class ReplyQueue(NodeSettings settings)
{
    private readonly SlotRing _slots = new(settings.WindowRequests);
    private int _unansweredCount;

    // Reads whose records have to wait until there is room for them.
    private readonly SortedSet<long> _waitingForRoom = [];
    private int _payloadReplyCount;
    private long _heldBytes;

    // Whether the request under way is an exclusive one, which then is the only unanswered one.
    private bool _isExclusive;

    /// <summary>Whether no request is under way.</summary>
    public bool IsEmpty => _slots.IsEmpty;

    /// <summary>The sequence number that the next request gets.</summary>
    public long NextSequence => _slots.Tail;

    /// <summary>Whether there is no slot for one more request.</summary>
    public bool IsFull => _slots.IsFull;

    /// <summary>Whether the oldest request's reply is in.</summary>
    public bool HasReply => !_slots.IsEmpty && _slots[_slots.Head].Reply is not null;

    /// <summary>
    /// Whether a request may be begun. An exclusive one waits until every request is answered; any other one waits
    /// while an exclusive one is under way. Both wait for room in the window, which a request always has when it is the
    /// only one.
    /// </summary>
    /// <param name="operation">Its operation; null where its type is unknown.</param>
    /// <param name="startPosition">The byte of the input at which it starts.</param>
    public bool HasRoomFor(Operation? operation, long startPosition)
    {
        if (_slots.IsEmpty) return true;
        if (_isExclusive || _slots.IsFull) return false;
        if (startPosition - _slots[_slots.Head].StartPosition > settings.WindowBytes) return false;
        if (operation is null) return true;
        if (!operation.IsPipelined) return _unansweredCount == 0;
        return !operation.ReturnsPayload
            || (_payloadReplyCount < settings.WindowReads && HasRoomForPayload(settings.ReadShareBytes));
    }

    /// <summary>
    /// A deadline, or that of the last request where it is later: no reply leaves before those of earlier requests.
    /// </summary>
    public long DeadlineBehindLast(long deadline) =>
        _slots.IsEmpty ? deadline : Math.Max(deadline, _slots[_slots.Tail - 1].Deadline);

    /// <summary>Adds the next request. Its slot may have a reply already.</summary>
    public void Add(in Slot slot)
    {
        Debug.Assert(DeadlineBehindLast(slot.Deadline) == slot.Deadline, "deadlines come in the order of the requests");
        _slots.Add(slot);
        if (slot.Operation is { ReturnsPayload: true }) _payloadReplyCount++;
        if (slot.Reply is not null) return;
        if (slot.Operation is { ReturnsPayload: true }) SetHeldBytes(_slots.Tail - 1, settings.ReadShareBytes);
        _unansweredCount++;
        _isExclusive = slot.Operation is not { IsPipelined: true };
    }

    /// <summary>
    /// Puts a reply into its request's slot. A read whose record has no room now stays unanswered until it has.
    /// </summary>
    /// <returns>False where the request was answered already.</returns>
    public bool Answer(LogReply reply)
    {
        if (!_slots.Has(reply.RequestId) || _slots[reply.RequestId].Reply is not null) return false;

        ref var slot = ref _slots[reply.RequestId];
        SetHeldBytes(reply.RequestId, PayloadBytesOf(reply));
        if (reply is RecordTooLarge large)
        {
            slot.Wanted = (large.Offset, large.PayloadBytes);
            return _waitingForRoom.Add(reply.RequestId);
        }

        _waitingForRoom.Remove(reply.RequestId);
        var isUnavailable = reply is RequestFailed { Kind: FailureKind.Unavailable or FailureKind.NotOwned };
        slot.Reply = slot.Problem is null || isUnavailable
            ? reply
            : new Refused(ErrorCode.MalformedRequest, slot.Problem, reply.RequestId);
        _unansweredCount--;
        _isExclusive = false;
        return true;
    }

    /// <summary>
    /// A read that waited for room and has it now. The log must be asked for it again. Null where there is none. The
    /// oldest request always has room.
    /// </summary>
    public Read? DequeueRead()
    {
        if (_waitingForRoom.Count == 0) return null;
        var sequence = _waitingForRoom.Min;
        var (offset, bytes) = _slots[sequence].Wanted;
        if (sequence != _slots.Head && !HasRoomForPayload(bytes)) return null;
        _waitingForRoom.Remove(sequence);
        SetHeldBytes(sequence, bytes);
        return new Read(offset, sequence);
    }

    /// <summary>Removes the oldest request, which must have its reply.</summary>
    public Slot Remove()
    {
        SetHeldBytes(_slots.Head, 0);
        var slot = _slots[_slots.Head];
        _slots.RemoveHead();
        if (slot.Operation is { ReturnsPayload: true }) _payloadReplyCount--;
        return slot;
    }

    /// <summary>The oldest request's deadline, which is the earliest one.</summary>
    public long EarliestDeadline => _slots.IsEmpty ? long.MaxValue : _slots[_slots.Head].Deadline;

    /// <summary>Answers overdue requests: their outcome is unknown.</summary>
    /// <param name="now">The time. Requests with a deadline up to then are overdue.</param>
    /// <param name="reason">The text for a request of an operation; null stands for the last sync.</param>
    public void GiveUp(long now, Func<Operation?, string> reason)
    {
        for (var sequence = _slots.Head; sequence < _slots.Tail && _slots[sequence].Deadline <= now; sequence++)
        {
            if (_slots[sequence].Reply is null)
                Answer(new Refused(ErrorCode.Crash, reason(_slots[sequence].Operation), sequence));
        }
    }

    private bool HasRoomForPayload(long bytes) => _heldBytes == 0 || _heldBytes + bytes <= settings.WindowReadBytes;

    private void SetHeldBytes(long sequence, long bytes)
    {
        ref var slot = ref _slots[sequence];
        _heldBytes += bytes - slot.HeldBytes;
        slot.HeldBytes = bytes;
    }

    private static long PayloadBytesOf(LogReply reply)
    {
        if (reply is RecordRead read) return read.Payload.Length;
        long bytes = 0;
        if (reply is BatchRead batch)
        {
            foreach (var payload in batch.Payloads) bytes += payload.Length;
        }

        return bytes;
    }
}
