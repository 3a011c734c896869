using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Manager;

/// <summary>
/// The manager's side of a roll: from the successor's start until the old segment has forwarded what it held, requests
/// for the tail are held back, so that they come behind those.
/// </summary>
internal sealed class HandOver
{
    private readonly List<(ILogMessage Message, IActorRef Sender)> _held = [];
    private long _baseOffset;
    private IActorRef? _old;
    private (SegmentIsSealed Rolled, IActorRef Old)? _postponed;

    internal bool IsUnderWay { get; private set; }

    internal int HeldCount => _held.Count;

    internal bool IsOf(long baseOffset) => IsUnderWay && _baseOffset == baseOffset;

    /// <summary>Whether it is an actor's that has not drained yet.</summary>
    internal bool IsFrom(IActorRef old) => IsUnderWay && old.Equals(_old);

    /// <summary>A segment has a successor and has not drained yet.</summary>
    internal void Begin(long baseOffset, IActorRef old)
    {
        Debug.Assert(!IsUnderWay, "one roll hands over at a time");
        (IsUnderWay, _baseOffset, _old) = (true, baseOffset, old);
    }

    internal void Hold(ILogMessage message, IActorRef sender)
    {
        Debug.Assert(IsUnderWay, "nothing is held back but during a hand-over");
        _held.Add((message, sender));
    }

    /// <summary>The successor is full before its own predecessor drained: its roll comes next.</summary>
    internal void Postpone(SegmentIsSealed rolled, IActorRef old) => _postponed = (rolled, old);

    internal (SegmentIsSealed Rolled, IActorRef Old)? TakePostponed()
    {
        var next = _postponed;
        _postponed = null;
        return next;
    }

    /// <summary>The old segment drained.</summary>
    /// <returns>What was held back, in order.</returns>
    internal IReadOnlyList<(ILogMessage Message, IActorRef Sender)> End()
    {
        (IsUnderWay, _old) = (false, null);
        var held = _held.ToArray();
        _held.Clear();
        return held;
    }
}
