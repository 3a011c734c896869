using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>One repair that is about to be made.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="BaseOffset">The first offset of the segment that it is about; null where it is not about one.</param>
/// <param name="Fault">What it mends; null where a person asked for it by name.</param>
internal sealed record RepairStep(RepairKind Kind, long? BaseOffset, LogFault? Fault)
{
    /// <summary>Whether a repair is about one segment that has to be named.</summary>
    public static bool NeedsSegment(RepairKind kind) =>
        kind is RepairKind.RebuildIndex or RepairKind.SetSegmentAside or RepairKind.SealAsItIs;

    /// <summary>The repair that a fault asks for; null where none mends it.</summary>
    public static RepairStep? For(LogFault fault) => fault.Repair is { } kind
        ? new RepairStep(kind, NeedsSegment(kind) ? BaseOffsetOf(fault) : null, fault)
        : null;

    /// <summary>What a person has to know before it happens.</summary>
    public string Warning
    {
        get
        {
            string from = Fault?.Offset is { } offset ? $" from offset {offset} on" : "";
            string segment = $"the segment that starts at offset {BaseOffset}";
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
    /// <exception cref="WalException">It could not be made; the library's page tells what each means.</exception>
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

    // The file tells the segment; the fault's offset may be one in the middle of it.
    private static long? BaseOffsetOf(LogFault fault)
    {
        string name = Path.GetFileName(fault.Path);
        string[] suffixes = [SegmentName.LogSuffix, SegmentName.CompressedSuffix, SegmentName.IndexSuffix];
        foreach (string suffix in suffixes)
            if (SegmentName.TryParse(name, suffix, out long baseOffset)) return baseOffset;
        return fault.Offset;
    }
}
