namespace AkkaWal.Storage.Maintenance;

/// <summary>One thing that is not as it must be.</summary>
/// <param name="Path">The file.</param>
/// <param name="Position">The byte in it at which the fault shows.</param>
/// <param name="Offset">The record that can't be served because of it; null where no single one is meant.</param>
/// <param name="Expected">What should stand there.</param>
/// <param name="Found">What stands there.</param>
public sealed record LogFault(string Path, long Position, long? Offset, string Expected, string Found)
{
    internal static LogFault Of(WalFaultException damage) => new(damage.Path, damage.Position, null, damage.Expected, damage.Found);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Path}, position {Position}{(Offset is { } offset ? $", offset {offset}" : "")}: expected {Expected}, found {Found}";
}
