using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>One repair that is about to be made.</summary>
/// <param name="Kind">The kind of repair.</param>
/// <param name="BaseOffset">
/// The base offset of the segment to repair; null if the repair is not about one segment.
/// </param>
/// <param name="Fault">The fault to repair; null if the repair was requested by name.</param>
internal sealed record RepairStep(RepairKind Kind, long? BaseOffset, LogFault? Fault)
{
    /// <summary>Whether a kind of repair needs the name of a segment.</summary>
    public static bool NeedsSegment(RepairKind kind) =>
        kind is RepairKind.RebuildIndex or RepairKind.SetSegmentAside or RepairKind.SealAsItIs;

    /// <summary>Whether a kind of repair may leave a gap before the next offset.</summary>
    public static bool GoesOnElsewhere(RepairKind kind) => kind is RepairKind.CutTail or RepairKind.ReplaceActive;

    /// <summary>The repair of a fault; null if there is none.</summary>
    public static RepairStep? For(LogFault fault) => fault.Repair is { } kind
        ? new RepairStep(kind, NeedsSegment(kind) ? BaseOffsetOf(fault) : null, fault)
        : null;

    /// <summary>The warning before the repair is made.</summary>
    public string Warning
    {
        get
        {
            var from = Fault?.Offset is { } offset ? $" from offset {offset} on" : "";
            var segment = $"the segment that starts at offset {BaseOffset}";
            return Kind switch
            {
                RepairKind.RebuildIndex => $"nothing is lost: the index of {segment} is made anew",
                RepairKind.CutTail when Fault is null =>
                    "the records of the last segment from the first bad one on, where there is one, are lost",
                RepairKind.CutTail =>
                    $"the records of the last segment{from} are lost, whole ones behind the first bad one too",
                RepairKind.SetSegmentAside when Fault?.Kind == LogFaultKind.Absent =>
                    $"{Fault.Expected} is given up: these offsets become a gap",
                RepairKind.SetSegmentAside => $"all records of {segment} leave the log: their offsets become a gap",
                RepairKind.SealAsItIs =>
                    $"nothing whole is lost of {segment}; records{from} that are bad stay unreadable",
                RepairKind.RebuildManifest =>
                    "no segment beside the log is lost; what is missing between them, or archived, counts as deleted",
                _ => $"the records of the segment that took appends{from} are lost, where there were any",
            };
        }
    }

    /// <summary>Makes the repair.</summary>
    /// <exception cref="WalException">
    /// It could not be made. The library's documentation describes each exception.
    /// </exception>
    public RepairReport Make(
        string directory, WalOptions options, IWalFileSystem files, long? nextOffset) => Kind switch
    {
        RepairKind.RebuildIndex => LogRepair.RebuildIndex(directory, BaseOffset!.Value, options, files),
        RepairKind.SetSegmentAside => LogRepair.SetSegmentAside(directory, BaseOffset!.Value, options, files),
        RepairKind.SealAsItIs => LogRepair.SealAsItIs(directory, BaseOffset!.Value, options, files),
        RepairKind.CutTail => LogRepair.CutTail(directory, options, files, nextOffset),
        RepairKind.ReplaceActive => LogRepair.ReplaceActive(directory, options, files, nextOffset),
        _ => LogRepair.RebuildManifest(directory, options, files),
    };

    // The segment follows from the file's name, since the fault's offset may be in the middle of it.
    private static long? BaseOffsetOf(LogFault fault)
    {
        var name = Path.GetFileName(fault.Path);
        string[] suffixes = [SegmentName.LogSuffix, SegmentName.CompressedSuffix, SegmentName.IndexSuffix];
        foreach (var suffix in suffixes)
            if (SegmentName.TryParse(name, suffix, out var baseOffset)) return baseOffset;
        return fault.Offset;
    }
}
