using System.Diagnostics;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// The requests under way, in the order in which they came, and the rules by which one more may be begun. Replies come in
/// any order and leave in that of the requests.
/// </summary>
internal sealed class ReplyQueue(NodeSettings settings)
{
    private readonly SlotRing _slots = new(settings.WindowRequests);
    private int _unansweredCount;
    private readonly SortedSet<long> _waitingForRoom = [];
    private int _payloadReplyCount;
    private long _heldBytes;
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
        return !operation.ReturnsPayload || (_payloadReplyCount < settings.WindowReads && MayHold(settings.ReadShareBytes));
    }

    /// <summary>
    /// A request's deadline: no earlier than that of the one before it, since no reply leaves before that one's.
    /// </summary>
    public long DeadlineBehindLast(long deadline) =>
        _slots.IsEmpty ? deadline : Math.Max(deadline, _slots[_slots.Tail - 1].Deadline);

    /// <summary>Gives the next request its slot, with its reply in it where that is known already.</summary>
    public void Add(in Slot slot)
    {
        Debug.Assert(DeadlineBehindLast(slot.Deadline) == slot.Deadline, "deadlines come in the order of the requests");
        _slots.Add(slot);
        if (slot.Operation is { ReturnsPayload: true }) _payloadReplyCount++;
        if (slot.Reply is not null) return;
        if (slot.Operation is { ReturnsPayload: true }) Hold(_slots.Tail - 1, settings.ReadShareBytes);
        _unansweredCount++;
        _isExclusive = slot.Operation is not { IsPipelined: true };
    }

    /// <summary>Puts a reply into its request's slot; a read of a record that there is no room for now waits there.</summary>
    /// <returns>False where the request has its answer already.</returns>
    public bool Answer(LogReply reply)
    {
        if (!_slots.Has(reply.RequestId) || _slots[reply.RequestId].Reply is not null) return false;

        ref var slot = ref _slots[reply.RequestId];
        Hold(reply.RequestId, PayloadBytesOf(reply));
        if (reply is RecordTooLarge large)
        {
            slot.Wanted = (large.Offset, large.PayloadBytes);
            return _waitingForRoom.Add(reply.RequestId);
        }

        _waitingForRoom.Remove(reply.RequestId);
        bool isUnavailable = reply is RequestFailed { Kind: FailureKind.Unavailable };
        slot.Reply = slot.Problem is null || isUnavailable ? reply : new Refused(ErrorCode.MalformedRequest, slot.Problem, reply.RequestId);
        _unansweredCount--;
        _isExclusive = false;
        return true;
    }

    /// <summary>
    /// A read that waited for room and has it now, to be told the log again; null where none has. The oldest request never waits.
    /// </summary>
    public Read? TakeRead()
    {
        if (_waitingForRoom.Count == 0) return null;
        long sequence = _waitingForRoom.Min;
        var (offset, bytes) = _slots[sequence].Wanted;
        if (sequence != _slots.Head && !MayHold(bytes)) return null;
        _waitingForRoom.Remove(sequence);
        Hold(sequence, bytes);
        return new Read(offset, sequence);
    }

    /// <summary>Takes the oldest request away; its reply is in.</summary>
    public Slot Remove()
    {
        Hold(_slots.Head, 0);
        var slot = _slots[_slots.Head];
        _slots.RemoveHead();
        if (slot.Operation is { ReturnsPayload: true }) _payloadReplyCount--;
        return slot;
    }

    /// <summary>The oldest request's deadline, which is the earliest one.</summary>
    public long EarliestDeadline => _slots.IsEmpty ? long.MaxValue : _slots[_slots.Head].Deadline;

    /// <summary>Answers what has no answer, and a deadline that has come, as unknown.</summary>
    /// <param name="now">The time.</param>
    /// <param name="reason">What a request of an operation (null: the last sync) is told.</param>
    public void GiveUp(long now, Func<Operation?, string> reason)
    {
        for (long sequence = _slots.Head; sequence < _slots.Tail && _slots[sequence].Deadline <= now; sequence++)
        {
            if (_slots[sequence].Reply is null)
                Answer(new Refused(ErrorCode.Crash, reason(_slots[sequence].Operation), sequence));
        }
    }

    private bool MayHold(long bytes) => _heldBytes == 0 || _heldBytes + bytes <= settings.WindowReadBytes;

    private void Hold(long sequence, long bytes)
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
