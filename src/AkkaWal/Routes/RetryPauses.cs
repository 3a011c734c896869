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
    private TimeSpan _next = first;

    /// <summary>Makes the next pause.</summary>
    /// <returns>Whether to try again; false at once if the time is over.</returns>
    internal async ValueTask<bool> TryPause(CancellationToken cancellation)
    {
        var left = timeout - Stopwatch.GetElapsedTime(_began);
        if (left <= TimeSpan.Zero) return false;
        await Task.Delay(_next < left ? _next : left, cancellation).ConfigureAwait(false);
        _next = _next * 2 < longest ? _next * 2 : longest;
        return true;
    }
}
