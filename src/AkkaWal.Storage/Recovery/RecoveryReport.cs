namespace AkkaWal.Storage.Recovery;

/// <summary>What opening the last segment found and did.</summary>
/// <param name="Case">The row of the recovery table.</param>
/// <param name="File">The segment's file name.</param>
/// <param name="NextOffset">The offset that the next record gets.</param>
/// <param name="TornBytes">How much of an unfinished commit was cut.</param>
/// <param name="KeptAs">Where a copy of that is; null where nothing was cut.</param>
/// <param name="RewrittenBytes">How much was written again since it was not known to be on the disk.</param>
internal sealed record RecoveryReport(
    RecoveryCase Case, string File, long NextOffset, long TornBytes = 0, string? KeptAs = null, long RewrittenBytes = 0)
{
    public override string ToString() => KeptAs is null
        ? $"{File}: {Case}, next offset {NextOffset}"
        : $"{File}: {Case}, next offset {NextOffset}, cut {TornBytes} bytes of an unfinished commit, kept as {KeptAs}";
}
