using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>How a client reads many records. Each value is checked where it is set.</summary>
public sealed record ScanOptions
{
    /// <summary>The defaults.</summary>
    public static ScanOptions Default { get; } = new();

    /// <summary>
    /// What the scan does at offsets whose records were deleted: it throws there, or goes on behind them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public GapPolicy Gaps { get; init => field = Setting.Known(value); } = GapPolicy.Stop;

    /// <summary>
    /// How many records are fetched at a time, at most; 1 to <see cref="ReadBatch.MostRecords"/>. A log on another node
    /// sends no more than one frame of Akka.Remote holds, whatever is set here.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxBatchRecords { get; init => field = Setting.Within(value, 1, ReadBatch.MostRecords); } = 4096;

    /// <summary>
    /// How many payload bytes are fetched at a time, at most, but for one record that is larger; 1 to
    /// <see cref="ReadBatch.MostBytes"/>. A scan holds two batches at a time. Frames as above.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxBatchBytes { get; init => field = Setting.Within(value, 1, ReadBatch.MostBytes); } = 1 << 20;
}
