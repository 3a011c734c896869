namespace AkkaWal.Storage;

/// <summary>What kind of thing is not as it must be.</summary>
public enum LogFaultKind
{
    /// <summary>Bytes are missing or are others.</summary>
    Damaged,

    /// <summary>A file is not there. Nothing was read, so nothing is known to be damaged: it can come back.</summary>
    Absent,

    /// <summary>A file is of another log or another segment, or it is no plain file.</summary>
    Foreign,

    /// <summary>A file was made by a newer version. It is not damaged, and no repair touches it.</summary>
    Newer,

    /// <summary>
    /// A file that the log does not use any more. It does no harm: the next opening removes it or sets it aside.
    /// </summary>
    Leftover,
}

/// <summary>The repairs of <c>LogRepair</c>.</summary>
public enum RepairKind
{
    /// <summary>Makes a sealed segment's index anew from its log. Nothing is lost.</summary>
    RebuildIndex,

    /// <summary>Cuts the last segment at its first bad frame and goes on in a new one.</summary>
    CutTail,

    /// <summary>Takes a segment, or the place where one is missing, out of the log: its offsets are a gap.</summary>
    SetSegmentAside,

    /// <summary>Takes a segment with bad frames into the MANIFEST: all its whole records stay.</summary>
    SealAsItIs,

    /// <summary>Makes the MANIFEST anew from the segments.</summary>
    RebuildManifest,

    /// <summary>Goes on in a new active segment where the last one is missing or has no head.</summary>
    ReplaceActive,
}

/// <summary>One thing that is not as it must be.</summary>
/// <param name="Kind">Damaged, absent, foreign, newer, or left over.</param>
/// <param name="Path">The file.</param>
/// <param name="Position">The byte in it at which the fault shows; 0 where the file as a whole is meant.</param>
/// <param name="Offset">The first record that can't be served because of it; null where none is known to be.</param>
/// <param name="Expected">What should stand there.</param>
/// <param name="Found">What stands there.</param>
public sealed record LogFault(
    LogFaultKind Kind, string Path, long Position, long? Offset, string Expected, string Found)
{
    /// <summary>The row of FORMAT.md's tables that it is; "" where it is a fault inside a segment.</summary>
    public string Row { get; init; } = "";

    /// <summary>Whether it keeps the log from being opened for writing.</summary>
    public bool IsRefused { get; init; }

    /// <summary>The repair that mends it; null where none does, or none is needed.</summary>
    public RepairKind? Repair { get; init; }

    /// <summary>What a person can do about it; "" where there is nothing to do.</summary>
    public string Advice { get; init; } = "";

    /// <summary>Of what is newer: the numbers.</summary>
    internal (string What, long Found, long Known)? Newer { get; init; }

    internal static LogFault Of(WalFaultException fault) => new(
        fault switch
        {
            WalAbsentException => LogFaultKind.Absent,
            WalForeignException => LogFaultKind.Foreign,
            WalNewerVersionException => LogFaultKind.Newer,
            _ => LogFaultKind.Damaged,
        },
        fault.Path, fault.Position, null, fault.Expected, fault.Found)
    {
        Advice = fault.Advice,
        Newer = fault is WalNewerVersionException newer ? (newer.What, newer.FoundVersion, newer.KnownVersion) : null,
    };

    /// <summary>The error to throw for it.</summary>
    internal WalFaultException ToException() => (Kind, Newer) switch
    {
        (LogFaultKind.Absent, _) => new WalAbsentException(Path, Expected, Advice),
        (LogFaultKind.Foreign, _) => new WalForeignException(Path, Position, Expected, Found, Advice),
        (LogFaultKind.Newer, var (what, found, known)) =>
            new WalNewerVersionException(Path, Position, what, found, known),
        _ => new WalDamagedException(Path, Position, Expected, Found, Advice),
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        var where = $"{Path}, position {Position}{(Offset is { } offset ? $", offset {offset}" : "")}";
        var row = Row.Length == 0 ? "" : $" ({Row})";
        return $"{where}: expected {Expected}, found {Found}{row}{(Advice.Length == 0 ? "" : $"; {Advice}")}";
    }
}
