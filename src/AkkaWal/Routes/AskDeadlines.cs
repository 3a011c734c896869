using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace AkkaWal.Routes;

/// <summary>
/// The deadlines of a client's requests that wait for their replies. All of them may wait equally long, so they are
/// over in the order in which they began, and one timer is enough. For any number of threads.
/// </summary>
/// <remarks>A timer for each request costs about as much as sending the request.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "A timer that is not armed is garbage like any other object.")]
internal sealed class AskDeadlines
{
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private readonly string _reason;

    // A list of the requests that wait, oldest first. Invariant: deadlines do not decrease from _first to _last.
    private LocalAsker? _first, _last;

    // Whether the timer will fire. It is not stopped where the last request gets its reply: the next one may come soon.
    private bool _isArmed;

    /// <param name="timeout">How long each request may wait.</param>
    internal AskDeadlines(TimeSpan timeout)
    {
        Timeout = timeout;
        _reason = $"no reply within {timeout}";
        // The timer does not keep the execution context of the first request.
        using (ExecutionContext.SuppressFlow())
            _timer = new Timer(static self => ((AskDeadlines)self!).Expire(), this, -1, -1);
    }

    /// <summary>How long each request may wait.</summary>
    internal TimeSpan Timeout { get; }

    /// <summary>Adds a request that begins to wait.</summary>
    internal void Add(LocalAsker asker)
    {
        lock (_gate)
        {
            asker.BeganAt = Stopwatch.GetTimestamp();
            asker.Previous = _last;
            asker.IsListed = true;
            if (_last is null) _first = asker;
            else _last.Next = asker;
            _last = asker;
            if (!_isArmed) Arm(Timeout);
        }
    }

    /// <summary>Removes a request that was added and waits no more.</summary>
    internal void Remove(LocalAsker asker)
    {
        lock (_gate)
        {
            if (asker.IsListed) Unlink(asker);
        }
    }

    private void Expire()
    {
        while (RemoveOverdue() is { } overdue) overdue.TryFail(new AskTimeoutException(_reason));
    }

    // Removes the oldest request if its time is over. If there is none, arms the timer for the oldest one that waits.
    private LocalAsker? RemoveOverdue()
    {
        lock (_gate)
        {
            _isArmed = false;
            if (_first is not { } oldest) return null;
            var left = Timeout - Stopwatch.GetElapsedTime(oldest.BeganAt);
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return null;
            }
            Unlink(oldest);
            return oldest;
        }
    }

    private void Unlink(LocalAsker asker)
    {
        if (asker.Previous is null) _first = asker.Next;
        else asker.Previous.Next = asker.Next;
        if (asker.Next is null) _last = asker.Previous;
        else asker.Next.Previous = asker.Previous;
        (asker.Previous, asker.Next, asker.IsListed) = (null, null, false);
    }

    private void Arm(TimeSpan wait)
    {
        _isArmed = true;
        // Rounded up: a timer that fires too early would find nothing overdue.
        _timer.Change((long)Math.Ceiling(wait.TotalMilliseconds), System.Threading.Timeout.Infinite);
    }
}
