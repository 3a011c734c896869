using System.Globalization;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using Spectre.Console;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>Shows what a log holds, while it has a writer or not. Reads no record.</summary>
internal sealed class InspectVerb(OperatorConsole console) : Verb(
    console, "inspect", "Show segments, offsets, sizes, states, and who has the log open.", "inspect /var/lib/shop/wal")
{
    // About as many bars as fit on a screen.
    private const int MaxBars = 24;

    private static readonly ReportColumn[] Columns =
    [
        new("segment"), new("first", true), new("last", true), new("records", true), new("bytes", true),
        new("stored", true, true), new("state"), new("sealed at (UTC)", MayGo: true),
    ];

    protected override int Run(VerbRun run)
    {
        using var reader = run.OpenReader(null);
        var segments = reader.Segments;
        var sealedAt = reader.Catalog.Sealed.ToDictionary(
            segment => segment.BaseOffset, segment => segment.SealedAtUnixMs);
        var writer = reader.HasWriter ? run.HolderOfLock() : null;
        var manifest = reader.Catalog.Manifest;
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["logId"] = reader.Catalog.SegmentFiles.LogId.ToString("N"),
            ["owner"] = manifest is { IsShared: true } ? manifest.Owner : null,
            ["epoch"] = manifest is { IsShared: true } ? manifest.Epoch : null,
            ["startOffset"] = reader.StartOffset,
            ["nextOffset"] = reader.NextOffset,
            ["durableNextOffset"] = reader.DurableNextOffset,
            ["records"] = segments.Sum(segment => segment.RecordCount),
            ["bytes"] = segments.Sum(segment => segment.SizeBytes),
            ["writer"] = writer,
            ["damage"] = reader.Damage is { } fault ? RepairNames.ToCommands(fault.Message) : null,
            ["deleted"] = new JsonArray([.. Gaps(reader)]),
            ["segments"] = new JsonArray([.. segments.Select(segment => Json(segment, sealedAt))]),
        });
        run.Text(Summary(run, reader, segments, writer));
        run.Text(Report.Table(run.Console, Columns, [.. segments.Select(segment => Row(segment, sealedAt))]));
        var title = segments.Count > MaxBars ? $"bytes stored, of the last {MaxBars} segments" : "bytes stored";
        run.Text(Report.Bars(
            run.Console, title,
            segments.TakeLast(MaxBars).Select(segment =>
                (segment.File, (double)(segment.StoredBytes ?? segment.SizeBytes), ColorOf(segment)))));
        return reader.Damage is null ? ExitStatus.Fine : ExitStatus.Fault;
    }

    private static string TextOf(WalFaultException damage) =>
        OperatorConsole.OneLine(RepairNames.ToCommands(damage.Message));

    /// <summary>The text for a segment's state.</summary>
    internal static string StateOf(SegmentInfo segment) => segment switch
    {
        { IsSealed: false } => "active",
        { IsCompressed: true, IsArchived: true } => "compressed, archived",
        { IsCompressed: true } => "compressed",
        { IsArchived: true } => "archived",
        _ when segment.IsIncompressible => "sealed, does not shrink",
        _ => "sealed",
    };

    private static string Summary(VerbRun run, LogReader reader, IReadOnlyList<SegmentInfo> segments, string? writer)
    {
        var records = segments.Sum(segment => segment.RecordCount);
        var size = Report.Size(segments.Sum(segment => segment.SizeBytes));
        var offsets = records == 0
            ? "no record"
            : $"{Report.Count(records, "record")}, offsets {reader.StartOffset} to {reader.NextOffset - 1}";
        var durable = reader.DurableNextOffset == reader.NextOffset
            ? "all of them known to be on the disk"
            : $"known to be on the disk up to offset {reader.DurableNextOffset - 1}";
        var deleted = string.Join(
            ", ", reader.Catalog.DeletedRanges.Select(range => $"{range.First} to {range.Next - 1}"));
        return $"""
            log        {OperatorConsole.OneLine(run.Directory)}
            id         {reader.Catalog.SegmentFiles.LogId:N}
            holds      {offsets}; {size} in {Report.Count(segments.Count, "segment")}
            durable    {(records == 0 ? "nothing to be" : durable)}
            next       offset {reader.NextOffset}
            deleted    {(deleted.Length == 0 ? "nothing" : $"offsets {deleted}")}
            {OwnerOf(reader)}open by    {writer ?? "nobody"}
            {(reader.Damage is { } damage ? $"damage     {TextOf(damage)}\n" : "")}

            """;
    }

    // A line where the log ever had an owner.
    private static string OwnerOf(LogReader reader) => reader.Catalog.Manifest is { IsShared: true } manifest
        ? $"owner      {(manifest.Owner.Length == 0 ? "none" : OperatorConsole.OneLine(manifest.Owner))}, "
            + $"epoch {manifest.Epoch}\n"
        : "";

    private static IEnumerable<JsonNode> Gaps(LogReader reader) => reader.Catalog.DeletedRanges.Select(range =>
        new JsonObject { ["firstOffset"] = range.First, ["lastOffset"] = range.Next - 1 });

    private static JsonObject Json(SegmentInfo segment, Dictionary<long, long> sealedAt) => new()
    {
        ["file"] = segment.File,
        ["firstOffset"] = segment.StartOffset,
        ["lastOffset"] = segment.EndOffset,
        ["records"] = segment.RecordCount,
        ["bytes"] = segment.SizeBytes,
        ["storedBytes"] = segment.StoredBytes,
        ["state"] = StateOf(segment),
        ["sealedAt"] = SealedAt(segment, sealedAt) is { Length: > 0 } time ? time : null,
    };

    private static string[] Row(SegmentInfo segment, Dictionary<long, long> sealedAt) =>
    [
        segment.File, Number(segment.StartOffset), segment.RecordCount == 0 ? "" : Number(segment.EndOffset),
        Number(segment.RecordCount), Number(segment.SizeBytes),
        segment.StoredBytes is { } stored ? Number(stored) : "", StateOf(segment), SealedAt(segment, sealedAt),
    ];

    // 0 if it is not known: the next opening will seal the segment.
    private static string SealedAt(SegmentInfo segment, Dictionary<long, long> sealedAt) =>
        sealedAt.TryGetValue(segment.StartOffset, out var time) && time > 0
            ? DateTimeOffset.FromUnixTimeMilliseconds(time).ToString(
                "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
            : "";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static Color ColorOf(SegmentInfo segment) => segment switch
    {
        { IsSealed: false } => Color.Green,
        { IsArchived: true } => Color.Grey,
        { IsCompressed: true } => Color.Yellow,
        _ => Color.Blue,
    };
}
