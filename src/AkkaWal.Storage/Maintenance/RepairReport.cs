namespace AkkaWal.Storage.Maintenance;

/// <summary>What a repair did.</summary>
/// <param name="KeptIn">The folder that holds what it removed; null where it removed nothing.</param>
/// <param name="LostFrom">The first offset that is lost; null where none is.</param>
/// <param name="LostTo">The last one; null where none is, or where nothing tells how many there were.</param>
public sealed record RepairReport(string? KeptIn, long? LostFrom, long? LostTo);
