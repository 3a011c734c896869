namespace AkkaWal.Node.Bridge.Setup;

/// <summary>
/// The clock of the requests' deadlines. It stands still while the process can't run (the machine sleeps, the process
/// is stopped) and while the replies are not read, so that no request becomes overdue meanwhile.
/// </summary>
/// <remarks>
/// A timer calls <see cref="Beat"/> regularly. Between two beats the clock advances by at most ten intervals, however
/// long they are apart. Members may be called from any thread. Times are in ticks of 100 ns and start at 0.
/// </remarks>
internal sealed class RequestClock
{
    /// <summary>The interval at which to call <see cref="Beat"/>.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(50);

    // On a busy machine beats are late by a few intervals. Time must go on there.
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

    /// <summary>The current time. It never goes back.</summary>
    public long Now
    {
        get
        {
            lock (_gate) return _time + SinceBeat();
        }
    }

    /// <summary>
    /// The time from which on <see cref="Beat"/> returns true; <see cref="long.MaxValue"/> for never.
    /// </summary>
    public long WakeAt
    {
        set => Volatile.Write(ref _wakeAt, value);
    }

    /// <summary>Advances the clock.</summary>
    /// <returns>Whether the time of <see cref="WakeAt"/> has come.</returns>
    public bool Beat()
    {
        lock (_gate)
        {
            Advance();
            return _time >= Volatile.Read(ref _wakeAt);
        }
    }

    /// <summary>Stops the clock, or lets it go on.</summary>
    public void Pause(bool isPaused)
    {
        lock (_gate)
        {
            if (_isPaused == isPaused) return;
            Advance();
            _isPaused = isPaused;
        }
    }

    private void Advance()
    {
        _time += SinceBeat();
        _beatAt = _clock.GetTimestamp();
    }

    private long SinceBeat() =>
        _isPaused ? 0 : Math.Min(_clock.GetElapsedTime(_beatAt).Ticks, MostBetweenBeats.Ticks);
}
