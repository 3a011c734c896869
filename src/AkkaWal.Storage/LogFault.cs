namespace AkkaWal.Storage;

/// <summary>The kind of a fault.</summary>
public enum LogFaultKind
{
    /// <summary>Bytes are missing or have changed.</summary>
    Damaged,

    /// <summary>A file is missing. Nothing is known to be damaged: the file can be put back.</summary>
    Absent,

    /// <summary>A file belongs to another log or another segment, or is no plain file.</summary>
    Foreign,

    /// <summary>A newer version made the file. It is not damaged, and no repair touches it.</summary>
    Newer,

    /// <summary>
    /// A file that the log no longer uses. It does no harm: the next opening removes it or sets it aside.
    /// </summary>
    Leftover,
}

/// <summary>The repairs of <c>LogRepair</c>.</summary>
public enum RepairKind
{
    /// <summary>Rebuilds a sealed segment's index from its log. Nothing is lost.</summary>
    RebuildIndex,

    /// <summary>Cuts the last segment at its first bad frame and goes on in a new one.</summary>
    CutTail,

    /// <summary>Takes a damaged or missing segment out of the log. Its offsets become a gap.</summary>
    SetSegmentAside,

    /// <summary>Lists a segment with bad frames in the MANIFEST as sealed. All its whole records stay.</summary>
    SealAsItIs,

    /// <summary>Rebuilds the MANIFEST from the segments.</summary>
    RebuildManifest,

    /// <summary>Goes on in a new active segment where the last one is missing or has no valid header.</summary>
    ReplaceActive,
}

/// <summary>One fault of a log: what is not as it must be, and where.</summary>
/// <param name="Kind">Damaged, absent, foreign, newer, or left over.</param>
/// <param name="Path">The file.</param>
/// <param name="Position">The byte in the file at which the fault shows; 0 where the whole file is meant.</param>
/// <param name="Offset">The first record that can't be read because of it; null where none is known.</param>
/// <param name="Expected">What the file should hold there.</param>
/// <param name="Found">What the file holds there.</param>
public sealed record LogFault(
    LogFaultKind Kind, string Path, long Position, long? Offset, string Expected, string Found)
{
    /// <summary>The row of FORMAT.md's tables that describes it; "" for a fault inside a segment.</summary>
    public string Row { get; init; } = "";

    /// <summary>Whether the log can't be opened for writing because of it.</summary>
    public bool IsRefused { get; init; }

    /// <summary>The repair for it; null where there is none, or none is needed.</summary>
    public RepairKind? Repair { get; init; }

    /// <summary>What a person can do about it; "" where there is nothing to do.</summary>
    public string Advice { get; init; } = "";

    /// <summary>The version numbers, where the file is of a newer version.</summary>
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

    /// <summary>The exception that reports it.</summary>
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
