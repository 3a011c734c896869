using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>How a client reads many records. Each value is checked where it is set.</summary>
public sealed record ScanOptions
{
    /// <summary>The defaults.</summary>
    public static ScanOptions Default { get; } = new();

    /// <summary>Whether the scan throws at offsets whose records were deleted, or skips them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public GapPolicy Gaps { get; init => field = Setting.Known(value); } = GapPolicy.Stop;

    /// <summary>
    /// The most records of one fetch; 1 to <see cref="ReadBatch.MostRecords"/>. A log on another node sends no more
    /// than fit into one frame of Akka.Remote.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxBatchRecords { get; init => field = Setting.Within(value, 1, ReadBatch.MostRecords); } = 4096;

    /// <summary>
    /// The most payload bytes of one fetch, unless a single record is larger; 1 to <see cref="ReadBatch.MostBytes"/>. A
    /// scan holds two batches at a time. Frames limit it as above.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxBatchBytes { get; init => field = Setting.Within(value, 1, ReadBatch.MostBytes); } = 1 << 20;
}
