namespace AkkaWal.Streams;

/// <summary>How a stream appends. Each value is checked where it is set.</summary>
public sealed record AppendOptions
{
    /// <summary>The defaults.</summary>
    public static AppendOptions Default { get; } = new();

    /// <summary>The most records of one batch. 1 or more; 1,000 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxBatchRecords { get; init => field = AtLeastOne(value); } = 1000;

    /// <summary>
    /// The most payload bytes of one batch; a single larger record is a batch of its own. It must stay below the log's
    /// <c>max-commit-bytes</c>, and for a log on another node below Akka.Remote's frame size. 1 or more; 64 KiB by
    /// default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxBatchBytes { get; init => field = AtLeastOne(value); } = 64 << 10;

    /// <summary>
    /// The most batches that wait for the log at a time. 1 or more; 1 by default. With more than one, the next batch
    /// travels while the log commits. But if the log is closed and opened again meanwhile, or a sharded log moves, a
    /// batch may get there before an earlier one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxBatchesUnderWay { get; init => field = AtLeastOne(value); } = 1;

    private static int AtLeastOne(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        return value;
    }
}
