using System.Diagnostics;

namespace AkkaWal.Segments;

/// <summary>
/// When to try again to open what lacked room, descriptors or memory: at a request, and not at each of many. Owned by one actor.
/// </summary>
internal sealed class RetryWatch
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(100);

    private long _triedAt = Stopwatch.GetTimestamp();

    /// <summary>Whether to try now.</summary>
    internal bool IsDue()
    {
        if (Stopwatch.GetElapsedTime(_triedAt) < LeastInterval) return false;
        _triedAt = Stopwatch.GetTimestamp();
        return true;
    }
}
