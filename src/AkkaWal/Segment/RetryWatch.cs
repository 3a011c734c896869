namespace AkkaWal.Segment;

/// <summary>
/// When to try again to open what could not be opened: at a request, and not at each of many. Tries take at most a
/// twentieth of the time. Owned by one actor.
/// </summary>
internal sealed class RetryWatch(TimeProvider clock)
{
    /// <summary>How long to wait at least between two tries.</summary>
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
