namespace AkkaWal.Storage.Repair;

/// <summary>What a repair did.</summary>
/// <param name="KeptIn">
/// The folder that holds what it took out of the log or wrote over; null where it took nothing.
/// </param>
/// <param name="LostFrom">The first offset that is lost; null where none is.</param>
/// <param name="LostTo">
/// The last one that is known to be lost; null where none is, or where nothing tells how many there were.
/// </param>
public sealed record RepairReport(string? KeptIn, long? LostFrom, long? LostTo)
{
    /// <summary>
    /// Where the log goes on, where the repair had to leave a gap: behind every offset that may ever have been given.
    /// Null where it goes on as before.
    /// </summary>
    public long? NextOffset { get; init; }
}
