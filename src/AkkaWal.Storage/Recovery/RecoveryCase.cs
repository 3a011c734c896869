namespace AkkaWal.Storage.Recovery;

/// <summary>What the last segment looks like when a log is opened; the labels are those of FORMAT.md's recovery table.</summary>
internal enum RecoveryCase
{
    /// <summary>R1: closed in order and unchanged since: nothing to scan.</summary>
    CleanStop,

    /// <summary>R2: whole batches to the end of the file.</summary>
    Intact,

    /// <summary>R3: whole batches, then nothing but reserved zeros: cut them.</summary>
    ReservedTail,

    /// <summary>R4: behind whole batches lie bytes that one unsynced commit can explain: keep a copy, cut.</summary>
    TornTail,

    /// <summary>R5: what was synced is short, zeroed or bad: damage to acknowledged data.</summary>
    DamageBelowWatermark,

    /// <summary>R6: a valid frame lies farther behind a bad one than one commit reaches: damage to acknowledged data.</summary>
    DamageAboveWatermark,

    /// <summary>R7: a sealed mark and no successor: the successor is missing.</summary>
    SealedWithoutSuccessor,
}

/// <summary>What the index file says.</summary>
internal enum IndexVerdict
{
    /// <summary>Missing, short, or both slots bad: the watermark is not known.</summary>
    Lost,

    /// <summary>It gives a watermark.</summary>
    Active,

    /// <summary>It was closed in order, its entries are whole, and the log file ends at its watermark.</summary>
    Clean,

    /// <summary>It bears the sealed mark.</summary>
    Sealed,
}

/// <summary>What lies behind the last whole batch.</summary>
internal enum TailKind
{
    /// <summary>The end of the file.</summary>
    Nothing,

    /// <summary>Zeros alone.</summary>
    Zeros,

    /// <summary>Anything else.</summary>
    Bytes,
}

/// <summary>All that the decision rests on.</summary>
/// <param name="Index">What the index file says.</param>
/// <param name="EndsBelowWatermark">The whole batches end below the watermark; false where it is not known.</param>
/// <param name="Tail">What lies behind them.</param>
/// <param name="LaterFrameBeyondWindow">A valid frame of a later offset starts farther behind them than one commit reaches.</param>
internal readonly record struct RecoveryEvidence(IndexVerdict Index, bool EndsBelowWatermark, TailKind Tail, bool LaterFrameBeyondWindow)
{
    /// <summary>The recovery table of FORMAT.md, first match counts.</summary>
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
