using System.Diagnostics;

namespace AkkaWal.Routes;

/// <summary>
/// The pauses between the tries of one request. Each is twice as long as the one before, up to the longest. The last
/// one is cut short, so that the last try is made at the end of the time-out.
/// </summary>
/// <param name="first">The first pause.</param>
/// <param name="longest">The longest pause.</param>
/// <param name="timeout">How long to try, from now on.</param>
internal sealed class RetryPauses(TimeSpan first, TimeSpan longest, TimeSpan timeout)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>The next pause, if that is not cut short.</summary>
    internal TimeSpan Next { get; private set; } = first;

    /// <summary>The time that is left; zero or negative at the end.</summary>
    internal TimeSpan Left => timeout - Stopwatch.GetElapsedTime(_began);

    /// <summary>Makes the next pause.</summary>
    /// <returns>Whether to try again; false at once if the time is over.</returns>
    internal async ValueTask<bool> TryPause(CancellationToken cancellation)
    {
        var left = Left;
        if (left <= TimeSpan.Zero) return false;
        await Task.Delay(Next < left ? Next : PastEnd(left), cancellation).ConfigureAwait(false);
        Next = Next * 2 < longest ? Next * 2 : longest;
        return true;
    }

    // Task.Delay rounds down to whole milliseconds, and may end up to one millisecond early. Before the end of the
    // time-out one more pause would follow.
    private static TimeSpan PastEnd(TimeSpan left) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds) + 1);
}
