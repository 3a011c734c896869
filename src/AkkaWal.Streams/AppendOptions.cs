namespace AkkaWal.Streams;

/// <summary>How a stream appends. Each value is checked where it is set.</summary>
public sealed record AppendOptions
{
    /// <summary>The defaults.</summary>
    public static AppendOptions Default { get; } = new();

    /// <summary>How many records go into one batch, at most. 1 or more; 1,000 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxBatchRecords { get; init => field = AtLeastOne(value); } = 1000;

    /// <summary>
    /// How many payload bytes go into one batch, at most; a single larger record is a batch of its own. It must stay
    /// below the log's <c>max-commit-bytes</c>, and below the frame of Akka.Remote where the log is on another node. 1
    /// or more; 64 KiB by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxBatchBytes { get; init => field = AtLeastOne(value); } = 64 << 10;

    /// <summary>
    /// How many batches may wait for the log at a time. More than one lets the next batch form and travel while the log
    /// commits. 1 or more; 2 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxBatchesUnderWay { get; init => field = AtLeastOne(value); } = 2;

    private static int AtLeastOne(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        return value;
    }
}
