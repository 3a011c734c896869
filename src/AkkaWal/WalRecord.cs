namespace AkkaWal;

/// <summary>A record of a log, as a scan gives it.</summary>
/// <param name="Offset">Where it is.</param>
/// <param name="Payload">Its bytes. Nobody else changes them.</param>
public readonly record struct WalRecord(long Offset, ReadOnlyMemory<byte> Payload)
{
    /// <summary>
    /// How many offsets before this one the scan skipped, since their records were deleted: more than 0 only for the
    /// first record behind a gap, and only under <see cref="Storage.GapPolicy.Skip"/>.
    /// </summary>
    public long SkippedCount { get; init; }
}
