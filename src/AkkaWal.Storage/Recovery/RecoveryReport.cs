namespace AkkaWal.Storage.Recovery;

/// <summary>What the opening of the last segment found and did.</summary>
/// <param name="Case">The row of the recovery table.</param>
/// <param name="File">The segment's file name.</param>
/// <param name="NextOffset">The offset that the next record gets.</param>
/// <param name="TornBytes">How many bytes of an unfinished commit were cut.</param>
/// <param name="KeptAs">The path of the copy of those bytes; null where nothing was cut.</param>
/// <param name="RewrittenBytes">How many bytes were written again, because they may not have been on the disk.</param>
internal sealed record RecoveryReport(
    RecoveryCase Case, string File, long NextOffset, long TornBytes = 0, string? KeptAs = null, long RewrittenBytes = 0)
{
    public override string ToString() => KeptAs is null
        ? $"{File}: {Case}, next offset {NextOffset}"
        : $"{File}: {Case}, next offset {NextOffset}, cut {TornBytes} bytes of an unfinished commit, kept as {KeptAs}";
}
