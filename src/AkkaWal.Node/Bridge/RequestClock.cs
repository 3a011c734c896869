namespace AkkaWal.Node.Bridge;

/// <summary>
/// The time that requests' deadlines are told by. It stands still while the process can't run (the machine sleeps,
/// somebody stopped it) and while nobody reads its replies: then no request is late by its own fault.
/// </summary>
/// <remarks>
/// Something beats it regularly. Between two beats it goes no further than a little more than the beats' interval,
/// however long they are apart by the machine's clock. Members may be called from any thread. Times are in ticks of 100
/// ns, and start at 0.
/// </remarks>
internal sealed class RequestClock
{
    /// <summary>How often to call <see cref="Beat"/>.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(50);

    // Beats that are late by a few intervals are those of a busy machine, on which time goes on.
    private static readonly TimeSpan MostBetweenBeats = 10 * BeatInterval;

    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private long _beatAt;
    private long _time;
    private bool _isPaused;
    private long _wakeAt = long.MaxValue;

    /// <param name="clock">The machine's clock.</param>
    public RequestClock(TimeProvider clock)
    {
        _clock = clock;
        _beatAt = clock.GetTimestamp();
    }

    /// <summary>The time now; it never goes back.</summary>
    public long Now
    {
        get
        {
            lock (_gate) return _time + SinceBeat();
        }
    }

    /// <summary>When <see cref="Beat"/> is to be true; <see cref="long.MaxValue"/> for never.</summary>
    public long WakeAt
    {
        set => Volatile.Write(ref _wakeAt, value);
    }

    /// <summary>Goes on.</summary>
    /// <returns>Whether the time has come that <see cref="WakeAt"/> was set to.</returns>
    public bool Beat()
    {
        lock (_gate)
        {
            Settle();
            return _time >= Volatile.Read(ref _wakeAt);
        }
    }

    /// <summary>Stands still, or goes on.</summary>
    public void Pause(bool isPaused)
    {
        lock (_gate)
        {
            if (_isPaused == isPaused) return;
            Settle();
            _isPaused = isPaused;
        }
    }

    private void Settle()
    {
        _time += SinceBeat();
        _beatAt = _clock.GetTimestamp();
    }

    private long SinceBeat() =>
        _isPaused ? 0 : Math.Min(_clock.GetElapsedTime(_beatAt).Ticks, MostBetweenBeats.Ticks);
}
