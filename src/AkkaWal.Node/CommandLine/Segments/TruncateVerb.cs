using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>Deletes the oldest segments of a log that is not open, all or none.</summary>
internal sealed class TruncateVerb : Verb
{
    private readonly Option<long> _before = new("--before")
    {
        HelpName = "OFFSET", Required = true, Description = "Sealed segments that lie wholly below it are deleted",
    };

    private readonly Option<string> _archive = ArchiveOption();

    public TruncateVerb(OperatorConsole console) : base(
        console, "truncate", "Delete the oldest segments: those wholly below an offset. Nothing brings them back.",
        "truncate /var/lib/shop/wal --before 100000")
    {
        Options.Add(_before);
        Options.Add(_archive);
    }

    protected override int Run(VerbRun run)
    {
        var before = run.Get(_before);
        if (before < 0) throw VerbException.Refused($"--before is 0 or more, and not {before}");
        var options = run.OptionsWith(_archive);
        run.CheckBeforeWriting(reader =>
        {
            if (before > reader.NextOffset)
                throw VerbException.Refused(
                    $"--before is at most {reader.NextOffset}, where the log goes on, and not {before}");
        });
        using var log = run.OpenLog(options);
        List<SegmentInfo> deleted = [.. log.Segments.Where(segment => segment.IsSealed && segment.EndOffset < before)];
        run.Console.Stopping.ThrowIfCancellationRequested();
        var bytes = log.TruncateBefore(before);
        run.HasBegun = true;
        run.WhatWasDone = () => $"{Report.Count(deleted.Count, "segment")} deleted";
        log.Close();
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["deleted"] = new JsonArray([.. deleted.Select(segment => JsonValue.Create(segment.File))]),
            ["records"] = deleted.Sum(segment => segment.RecordCount),
            ["bytes"] = bytes,
            ["startOffset"] = log.StartOffset,
            ["nextOffset"] = log.NextOffset,
        });
        foreach (var segment in deleted)
            run.Text($"deleted {segment.File}: offsets {segment.StartOffset} to {segment.EndOffset}\n");
        var records = deleted.Sum(segment => segment.RecordCount);
        var gone = $"{Report.Count(records, "record")}, {Report.Size(bytes)}";
        run.Text($"{Report.Count(deleted.Count, "segment")} deleted, {gone}; "
            + $"the log starts at offset {log.StartOffset}\n");
        if (log.StartOffset < before)
            run.Text($"the segment at offset {log.StartOffset} holds later records or is the active one: it stays\n");
        return ExitStatus.Fine;
    }
}
