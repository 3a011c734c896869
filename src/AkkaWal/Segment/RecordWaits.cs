using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal.Segment;

/// <summary>
/// The requests that wait for the next record of the active segment. Each is answered once: when there is a record,
/// when its time is up, at the roll, when it is cancelled, or when the segment's actor stops or crashes. One timer
/// serves all of them. It runs only while there are waits.
/// </summary>
/// <param name="context">The actor's.</param>
internal sealed class RecordWaits(SegmentContext context)
{
    private readonly List<Wait> _waits = [];

    // The lowest offset that a request waits for; the largest number if there are no waits.
    private long _lowestOffset = long.MaxValue;
    private long _tickAt = long.MaxValue;

    /// <summary>Answers at once if there is a record or if there are too many waits; otherwise adds the wait.</summary>
    /// <param name="request">The request, already validated.</param>
    /// <param name="asker">The actor that gets the reply.</param>
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

    /// <summary>
    /// Ends the asker's waits that have this id, and answers the cancellation. Refuses the waits if the end of what can
    /// be read is unknown.
    /// </summary>
    /// <param name="request">The cancellation.</param>
    /// <param name="asker">Its sender.</param>
    /// <param name="nextOffset">The end of what can be read.</param>
    /// <param name="whyUnknown">Why it may not be told; null if it may.</param>
    internal void Cancel(CancelWait request, IActorRef asker, long nextOffset, WalIOException? whyUnknown)
    {
        End(wait => wait.Request.RequestId == request.WaitId && wait.Asker.Equals(asker), nextOffset, whyUnknown);
        asker.Tell(new WaitCancelled(request.WaitId, request.RequestId), context.Self);
    }

    /// <summary>Whether a request waits here.</summary>
    internal bool IsWaiting(ILogMessage message) => _waits.Exists(wait => ReferenceEquals(wait.Request, message));

    /// <summary>Answers those that wait for what can be read now.</summary>
    internal void NoteVisible(long nextOffset)
    {
        if (nextOffset > _lowestOffset) EndReached(nextOffset);
    }

    // A method of its own, since a lambda's captures are allocated where its method begins, and NoteVisible runs for
    // every append.
    private void EndReached(long nextOffset) => End(wait => wait.Request.Offset < nextOffset, nextOffset);

    /// <summary>
    /// Answers those whose time is up, or refuses them if the end of what can be read is unknown. Refuses all if the
    /// log has another owner, since no record will come from here.
    /// </summary>
    /// <param name="nextOffset">The end of what can be read.</param>
    /// <param name="whyUnknown">Why it may not be told; null if it may.</param>
    internal void EndOverdue(long nextOffset, WalIOException? whyUnknown)
    {
        _tickAt = long.MaxValue;
        if (whyUnknown is { IsNotOwned: true })
        {
            RefuseAll(whyUnknown.Message, FailureKinds.Of(whyUnknown));
            return;
        }
        var now = Stopwatch.GetTimestamp();
        End(wait => wait.EndsAt <= now, nextOffset, whyUnknown);
        if (_waits.Count > 0) ScheduleTick(_waits.Min(wait => wait.EndsAt));
    }

    /// <summary>The segment has a successor. The askers ask again there.</summary>
    internal void EndAll(long nextOffset) => End(static _ => true, nextOffset);

    /// <summary>The segment's actor stops or restarts: no record will come from it.</summary>
    internal void RefuseAll(string reason, FailureKind kind = FailureKind.Unavailable)
    {
        foreach (var wait in _waits)
            context.Refuse(wait.Request, wait.Asker, kind, reason);
        _waits.Clear();
        _lowestOffset = long.MaxValue;
    }

    private void End(Predicate<Wait> isOver, long nextOffset, WalIOException? whyUnknown = null)
    {
        foreach (var wait in _waits)
        {
            if (!isOver(wait)) continue;
            if (whyUnknown is null)
                wait.Asker.Tell(new RecordAwaited(nextOffset, wait.Request.RequestId), context.Self);
            else context.Refuse(wait.Request, wait.Asker, FailureKinds.Of(whyUnknown), whyUnknown.Message);
        }
        _waits.RemoveAll(isOver);
        _lowestOffset = _waits.Count == 0 ? long.MaxValue : _waits.Min(wait => wait.Request.Offset);
    }

    private void ScheduleTick(long at)
    {
        if (at >= _tickAt) return;
        _tickAt = at;
        var delay = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at);
        // A timer can be a little early. The next one must not be due at once.
        var least = TimeSpan.FromMilliseconds(1);
        context.Timers.StartSingleTimer(nameof(WaitTick), new WaitTick(), delay > least ? delay : least);
    }

    /// <param name="Request">The request.</param>
    /// <param name="Asker">The actor that gets the reply.</param>
    /// <param name="EndsAt">When its time is up, as a timestamp of <see cref="Stopwatch"/>.</param>
    private readonly record struct Wait(AwaitRecord Request, IActorRef Asker, long EndsAt);
}
