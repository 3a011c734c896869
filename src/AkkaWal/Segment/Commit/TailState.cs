namespace AkkaWal.Segment.Commit;

/// <summary>
/// What of a log's tail outlives its rolls, and restarts of its segments' actors and of the manager. The manager makes
/// it; the actor of the active segment changes it.
/// </summary>
/// <param name="maxSegmentBytes">The segment size limit that the log begins with.</param>
/// <param name="metrics">The log's.</param>
internal sealed class TailState(long maxSegmentBytes, LogMetrics metrics)
{
    private long _activeBytes;

    /// <summary>What the log counts and measures.</summary>
    internal LogMetrics Metrics => metrics;

    /// <summary>What was written of the active segment. For any thread.</summary>
    internal long ActiveBytes
    {
        get => Volatile.Read(ref _activeBytes);
        set => Volatile.Write(ref _activeBytes, value);
    }

    /// <summary>The segment size limit in force.</summary>
    internal SegmentLimit Limit { get; } = new(maxSegmentBytes);

    /// <summary>Whether a failure was latched.</summary>
    internal LogLatch Latch { get; } = new();

    /// <summary>Whether anybody looks at the tail.</summary>
    internal TailActivity Activity { get; } = new();
}
