using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>Reads all of a log and reports every fault. Changes nothing.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Option<string> _archive = ArchiveOption();

    public VerifyVerb(OperatorConsole console) : base(
        console, "verify", "Read every record and tell what is wrong; changes nothing.", "verify /var/lib/shop/wal") =>
        Options.Add(_archive);

    protected override int Run(VerbRun run)
    {
        run.WhatWasDone = static () => "the log was not verified to its end";
        run.RequireLog();
        var report = Verify(run, run.OptionsWith(_archive));
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["segments"] = report.SegmentCount,
            ["records"] = report.RecordCount,
            ["unfinishedBytes"] = report.UnfinishedBytes,
            ["canBeOpened"] = report.Refusal is null,
            ["faults"] = new JsonArray([.. report.Faults.Select(Json)]),
            ["leftovers"] = new JsonArray([.. report.Leftovers.Select(fault => JsonValue.Create(fault.Path))]),
        });
        foreach (var fault in report.Faults) run.Text(TextOf(fault));
        run.Text(Summary(run, report));
        return report.Faults.Count == 0 ? ExitStatus.Fine : ExitStatus.Fault;
    }

    /// <summary>Verifies the log and shows progress; null is the machine's own file system.</summary>
    internal static VerifyReport Verify(VerbRun run, WalOptions options, IWalFileSystem? files = null) =>
        run.Under("verifying", told => LogVerifier.Verify(
        run.Directory, options, files,
        progress: new ProgressBar.Callback<VerifyProgress>(state => told(state.SegmentsDone, state.SegmentCount)),
        cancellation: run.Console.Stopping));

    /// <summary>The text for a fault, on a few lines.</summary>
    internal static string TextOf(LogFault fault)
    {
        var offset = fault.Offset is { } first ? $", offset {first}" : "";
        var row = fault.Row.Length == 0 ? "" : $" ({fault.Row})";
        var kind = fault.Kind.ToString().ToLowerInvariant();
        var mend = fault.Repair is { } repair
            ? $"repair {RepairNames.Of(repair)}"
            : RepairNames.ToCommands(fault.Advice);
        return $"""
            {kind}: {OperatorConsole.OneLine(fault.Path)}, position {fault.Position}{offset}{row}
              expected {OperatorConsole.OneLine(fault.Expected)}
              found    {OperatorConsole.OneLine(fault.Found)}
            {(mend.Length == 0 ? "" : $"  mend by  {mend}\n")}
            """;
    }

    private static string Summary(VerbRun run, VerifyReport report)
    {
        var records = Report.Count(report.RecordCount, "whole record");
        var read = $"{Report.Count(report.SegmentCount, "segment")}, {records}";
        var unfinished = report.UnfinishedBytes == 0
            ? ""
            : $"{Report.Size(report.UnfinishedBytes)} of an unfinished commit: the next opening cuts them\n";
        var leftovers = string.Concat(report.Leftovers.Select(fault =>
            $"not used, and set aside by the next opening: {OperatorConsole.OneLine(fault.Path)}\n"));
        if (report.Faults.Count == 0) return $"{unfinished}{leftovers}no fault: {read}\n";
        var opens = report.Refusal is null
            ? "the log can be opened all the same"
            : "the log can't be opened for writing";
        var next = report.Faults.Any(fault => fault.Repair is not null)
            ? $"copy the directory, then: repair {OperatorConsole.OneLine(run.Directory)}\n"
            : "";
        return $"{unfinished}{leftovers}{Report.Count(report.Faults.Count, "fault")}: {read}; {opens}\n{next}";
    }

    /// <summary>A fault as JSON.</summary>
    internal static JsonObject Json(LogFault fault) => new()
    {
        ["kind"] = fault.Kind.ToString().ToLowerInvariant(),
        ["path"] = fault.Path,
        ["position"] = fault.Position,
        ["offset"] = fault.Offset,
        ["expected"] = fault.Expected,
        ["found"] = fault.Found,
        ["row"] = fault.Row,
        ["keepsLogFromOpening"] = fault.IsRefused,
        ["repair"] = fault.Repair is { } repair ? RepairNames.Of(repair) : null,
        ["advice"] = RepairNames.ToCommands(fault.Advice),
    };
}
