namespace AkkaWal.Segment;

/// <summary>
/// Says when to try again to open something. A try is made at a request, but not at each one: the tries take at most a
/// twentieth of the time. Owned by one actor.
/// </summary>
internal sealed class RetryWatch(TimeProvider clock)
{
    /// <summary>The shortest time between two tries.</summary>
    internal static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(100);

    private const int IntervalPerTry = 20;

    private long _triedAt = clock.GetTimestamp();
    private TimeSpan _interval = LeastInterval;

    /// <summary>Whether to try now.</summary>
    internal bool IsDue => clock.GetElapsedTime(_triedAt) >= _interval;

    /// <summary>Tries, and takes the time.</summary>
    internal void Try(Action open) => Try(() =>
    {
        open();
        return true;
    });

    /// <summary>Tries, and takes the time.</summary>
    internal TResult Try<TResult>(Func<TResult> open)
    {
        var begunAt = clock.GetTimestamp();
        try
        {
            return open();
        }
        finally
        {
            _triedAt = clock.GetTimestamp();
            var byCost = clock.GetElapsedTime(begunAt, _triedAt) * IntervalPerTry;
            _interval = byCost > LeastInterval ? byCost : LeastInterval;
        }
    }
}
