namespace AkkaWal.Storage.Recovery;

/// <summary>The state of the last segment at an opening. The labels are those of FORMAT.md's recovery table.</summary>
internal enum RecoveryCase
{
    /// <summary>R1: it was closed cleanly and has not changed since. Nothing is scanned.</summary>
    CleanStop,

    /// <summary>R2: it holds whole batches to the end of the file.</summary>
    Intact,

    /// <summary>R3: whole batches, then only reserved zeros. The zeros are cut.</summary>
    ReservedTail,

    /// <summary>
    /// R4: whole batches, then bytes that one unsynced commit can have left. They are copied and cut.
    /// </summary>
    TornTail,

    /// <summary>R5: synced data is short, zeroed or bad. Acknowledged data is damaged.</summary>
    DamageBelowWatermark,

    /// <summary>
    /// R6: a valid frame follows a bad one at a distance that one commit can't reach. Acknowledged data is damaged.
    /// </summary>
    DamageAboveWatermark,

    /// <summary>R7: it has a sealed mark and no successor. The successor is missing.</summary>
    SealedWithoutSuccessor,
}

/// <summary>What the index file says.</summary>
internal enum IndexVerdict
{
    /// <summary>It is missing or short, or both slots are bad: the watermark is not known.</summary>
    Lost,

    /// <summary>It gives a watermark.</summary>
    Active,

    /// <summary>
    /// The segment was closed cleanly, the entries are whole, and the log file ends at the watermark.
    /// </summary>
    Clean,

    /// <summary>It has the sealed mark.</summary>
    Sealed,
}

/// <summary>What lies behind the last whole batch.</summary>
internal enum TailKind
{
    /// <summary>The end of the file.</summary>
    Nothing,

    /// <summary>Only zeros.</summary>
    Zeros,

    /// <summary>Anything else.</summary>
    Bytes,
}

/// <summary>Everything that decides which row of the recovery table it is.</summary>
/// <param name="Index">What the index file says.</param>
/// <param name="EndsBelowWatermark">Whether the whole batches end below a known watermark.</param>
/// <param name="Tail">What lies behind the last whole batch.</param>
/// <param name="LaterFrameBeyondWindow">
/// Whether a valid frame of a later offset starts behind the last whole batch, farther than one commit reaches.
/// </param>
internal readonly record struct RecoveryEvidence(
    IndexVerdict Index, bool EndsBelowWatermark, TailKind Tail, bool LaterFrameBeyondWindow)
{
    /// <summary>The row of FORMAT.md's recovery table: the first that matches.</summary>
    internal RecoveryCase Classify() => this switch
    {
        { Index: IndexVerdict.Sealed } => RecoveryCase.SealedWithoutSuccessor,
        { Index: IndexVerdict.Clean } => RecoveryCase.CleanStop,
        { EndsBelowWatermark: true } => RecoveryCase.DamageBelowWatermark,
        { Tail: TailKind.Nothing } => RecoveryCase.Intact,
        { Tail: TailKind.Zeros } => RecoveryCase.ReservedTail,
        { LaterFrameBeyondWindow: true } => RecoveryCase.DamageAboveWatermark,
        _ => RecoveryCase.TornTail,
    };
}
