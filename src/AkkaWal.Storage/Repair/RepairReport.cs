namespace AkkaWal.Storage.Repair;

/// <summary>What a repair did.</summary>
/// <param name="KeptIn">
/// The folder with copies of what the repair removed from the log or overwrote; null where it did neither. After a dry
/// run there is no such folder.
/// </param>
/// <param name="LostFrom">The first offset that is lost; null where none is.</param>
/// <param name="LostTo">
/// The last offset that is known to be lost; null where none is, and where nothing tells how many were.
/// </param>
public sealed record RepairReport(string? KeptIn, long? LostFrom, long? LostTo)
{
    /// <summary>
    /// The offset at which the log goes on where the repair left a gap: higher than every offset that may have been
    /// given. Null where the repair left none.
    /// </summary>
    public long? NextOffset { get; init; }
}
