using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Segment;

/// <summary>
/// Who waits for the next record of the active segment. Each is answered once: by a record, at the end of its time, at
/// the roll, when its asker cancels it, or when the segment's life ends. One timer serves all of them, and none runs
/// while nobody waits.
/// </summary>
/// <param name="context">The actor's.</param>
internal sealed class RecordWaits(SegmentContext context)
{
    private readonly List<Wait> _waits = [];

    // What every append is compared with; the largest number there is where nobody waits.
    private long _lowestOffset = long.MaxValue;
    private long _tickAt = long.MaxValue;

    /// <summary>Answers at once where there is a record, and where too many wait; otherwise later.</summary>
    /// <param name="request">Valid.</param>
    /// <param name="asker">Who gets the reply.</param>
    /// <param name="nextOffset">The end of what can be read.</param>
    internal void Add(AwaitRecord request, IActorRef asker, long nextOffset)
    {
        if (request.Offset < nextOffset)
        {
            asker.Tell(new RecordAwaited(nextOffset, request.RequestId), context.Self);
            return;
        }
        if (_waits.Count >= AwaitRecord.MostWaits)
        {
            var reason = $"{AwaitRecord.MostWaits} readers wait for the next record already";
            context.Refuse(request, asker, FailureKind.Unavailable, reason);
            return;
        }
        var endsAt = Stopwatch.GetTimestamp() + (long)(request.MaxWait.TotalSeconds * Stopwatch.Frequency);
        ScheduleTick(endsAt);
        _lowestOffset = Math.Min(_lowestOffset, request.Offset);
        _waits.Add(new Wait(request, asker, endsAt));
    }

    /// <summary>Answers an asker's waits under one id, and then the asker.</summary>
    internal void Cancel(CancelWait request, IActorRef asker, long nextOffset)
    {
        End(wait => wait.Request.RequestId == request.WaitId && wait.Asker.Equals(asker), nextOffset);
        asker.Tell(new WaitCancelled(request.WaitId, request.RequestId), context.Self);
    }

    /// <summary>Whether a request waits here.</summary>
    internal bool IsWaiting(ILogMessage message) => _waits.Exists(wait => ReferenceEquals(wait.Request, message));

    /// <summary>Answers those that wait for what can be read now.</summary>
    internal void NoteVisible(long nextOffset)
    {
        if (nextOffset > _lowestOffset) EndReached(nextOffset);
    }

    // Apart from NoteVisible, which every append calls: a lambda's captures are allocated where its method begins.
    private void EndReached(long nextOffset) => End(wait => wait.Request.Offset < nextOffset, nextOffset);

    /// <summary>Answers those whose time is up.</summary>
    internal void EndOverdue(long nextOffset)
    {
        _tickAt = long.MaxValue;
        var now = Stopwatch.GetTimestamp();
        End(wait => wait.EndsAt <= now, nextOffset);
        if (_waits.Count > 0) ScheduleTick(_waits.Min(wait => wait.EndsAt));
    }

    /// <summary>The segment has a successor: whoever waits asks that one.</summary>
    internal void EndAll(long nextOffset) => End(static _ => true, nextOffset);

    /// <summary>No record will come in this life of the segment.</summary>
    internal void RefuseAll(string reason, FailureKind kind = FailureKind.Unavailable)
    {
        foreach (var wait in _waits)
            context.Refuse(wait.Request, wait.Asker, kind, reason);
        _waits.Clear();
        _lowestOffset = long.MaxValue;
    }

    private void End(Predicate<Wait> isOver, long nextOffset)
    {
        foreach (var wait in _waits)
            if (isOver(wait)) wait.Asker.Tell(new RecordAwaited(nextOffset, wait.Request.RequestId), context.Self);
        _waits.RemoveAll(isOver);
        _lowestOffset = _waits.Count == 0 ? long.MaxValue : _waits.Min(wait => wait.Request.Offset);
    }

    private void ScheduleTick(long at)
    {
        if (at >= _tickAt) return;
        _tickAt = at;
        var delay = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at);
        // A timer may be a little early: not again at once, then.
        var least = TimeSpan.FromMilliseconds(1);
        context.Timers.StartSingleTimer(nameof(WaitTick), new WaitTick(), delay > least ? delay : least);
    }

    /// <param name="Request">What was asked.</param>
    /// <param name="Asker">Who gets the reply.</param>
    /// <param name="EndsAt">When its time is up, as a timestamp of <see cref="Stopwatch"/>.</param>
    private readonly record struct Wait(AwaitRecord Request, IActorRef Asker, long EndsAt);
}
