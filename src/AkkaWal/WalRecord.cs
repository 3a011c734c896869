namespace AkkaWal;

/// <summary>A record of a log, as a scan returns it.</summary>
/// <param name="Offset">The record's offset.</param>
/// <param name="Payload">The record's bytes. They are not changed later.</param>
public readonly record struct WalRecord(long Offset, ReadOnlyMemory<byte> Payload)
{
    /// <summary>
    /// The number of deleted offsets that the scan skipped before this record. It is more than 0 only for the first
    /// record behind a gap, and only under <see cref="Storage.GapPolicy.Skip"/>.
    /// </summary>
    public long SkippedCount { get; init; }
}
