using System.Diagnostics;
using AkkaWal.Storage;

namespace AkkaWal.Segments;

/// <summary>When to try again to open what found no room on the disk: at a request, and not at each of many. Owned by one actor.</summary>
internal sealed class RoomWatch
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(100);

    private long _triedAt = Stopwatch.GetTimestamp();

    /// <summary>Whether an opening failed for want of room alone. A failed sync is another thing, whatever its reason.</summary>
    internal static bool IsShort(WalIOException failure) => failure.IsOutOfSpace && !failure.IsFailedSync;

    /// <summary>Whether to try now.</summary>
    internal bool IsDue()
    {
        if (Stopwatch.GetElapsedTime(_triedAt) < LeastInterval) return false;
        _triedAt = Stopwatch.GetTimestamp();
        return true;
    }
}
