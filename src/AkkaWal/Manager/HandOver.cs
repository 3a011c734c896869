using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Manager;

/// <summary>
/// The manager's part of a roll. From the successor's start until the old segment has forwarded its held requests, the
/// manager holds back requests for the tail, so that they come after those.
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

    /// <summary>Whether this actor's hand-over is under way.</summary>
    internal bool IsFrom(IActorRef old) => IsUnderWay && old.Equals(_old);

    /// <summary>Begins the hand-over of a segment that has a successor.</summary>
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

    /// <summary>The successor is full before the hand-over to it has ended. Its own roll comes next.</summary>
    internal void Postpone(SegmentIsSealed rolled, IActorRef old) => _postponed = (rolled, old);

    internal (SegmentIsSealed Rolled, IActorRef Old)? RemovePostponed()
    {
        var next = _postponed;
        _postponed = null;
        return next;
    }

    /// <summary>Ends the hand-over.</summary>
    /// <returns>The messages that were held back, in order.</returns>
    internal IReadOnlyList<(ILogMessage Message, IActorRef Sender)> End()
    {
        (IsUnderWay, _old) = (false, null);
        var held = _held.ToArray();
        _held.Clear();
        return held;
    }
}
