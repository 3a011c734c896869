namespace AkkaWal.Segment.Commit;

/// <summary>
/// What survives the rolls of a log, and the restarts of its segments' actors and of the manager. Made by the manager,
/// and changed by the active segment's actor.
/// </summary>
/// <param name="maxSegmentBytes">The segment size limit that the log begins with.</param>
/// <param name="metrics">The log's.</param>
internal sealed class TailState(long maxSegmentBytes, LogMetrics metrics)
{
    private long _activeBytes;

    /// <summary>The log's metrics.</summary>
    internal LogMetrics Metrics => metrics;

    /// <summary>The bytes of the active segment's records. For any thread.</summary>
    internal long ActiveBytes
    {
        get => Volatile.Read(ref _activeBytes);
        set => Volatile.Write(ref _activeBytes, value);
    }

    /// <summary>The segment size limit in force.</summary>
    internal SegmentLimit Limit { get; } = new(maxSegmentBytes);

    /// <summary>The latched failure, if there is one.</summary>
    internal LogLatch Latch { get; } = new();

    /// <summary>Counts commits between requests that are not appends.</summary>
    internal TailActivity Activity { get; } = new();
}
