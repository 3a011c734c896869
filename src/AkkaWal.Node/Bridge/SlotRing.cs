using System.Diagnostics;
using System.Numerics;
using AkkaWal.Node.Bridge.Requests;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// The slots of the requests under way, oldest first. Sequence numbers count all requests since the start. Those from
/// <see cref="Head"/> (inclusive) to <see cref="Tail"/> (exclusive) have a slot.
/// </summary>
internal sealed class SlotRing(int capacity)
{
    // At the end of the input each log is synced: a full ring takes these slots, too.
    private readonly Slot[] _slots =
        new Slot[BitOperations.RoundUpToPowerOf2((uint)(capacity + RequestCarrier.MostLogs))];

    /// <summary>The sequence number of the oldest request; <see cref="Tail"/> where there is none.</summary>
    public long Head { get; private set; }

    /// <summary>The sequence number of the next request.</summary>
    public long Tail { get; private set; }

    /// <summary>Whether no request is under way.</summary>
    public bool IsEmpty => Head == Tail;

    /// <summary>Whether there is no slot for one more request.</summary>
    public bool IsFull => Tail - Head == capacity;

    /// <summary>The slot of a request under way.</summary>
    public ref Slot this[long sequence] => ref _slots[sequence & (_slots.Length - 1)];

    /// <summary>Whether a request has a slot.</summary>
    public bool Has(long sequence) => sequence >= Head && sequence < Tail;

    /// <summary>Gives the next request a slot.</summary>
    public void Add(in Slot slot)
    {
        Debug.Assert(Tail - Head < _slots.Length, "a slot is free");
        this[Tail++] = slot;
    }

    /// <summary>Removes the oldest request's slot and clears it, so that its memory can be collected.</summary>
    public void RemoveHead() => this[Head++] = default;
}
