using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>The repairs of one run. It makes them, or tries them in a dry run, and reports each result.</summary>
/// <param name="run">The run of the verb.</param>
/// <param name="options">The log's options.</param>
/// <param name="isDryRun">Whether it is a dry run, which changes nothing.</param>
internal sealed class RepairPass(VerbRun run, WalOptions options, bool isDryRun)
{
    private readonly IWalFileSystem _files =
        isDryRun ? LogRepair.DryRun(WalFileSystem.Default) : WalFileSystem.Default;

    private readonly List<JsonObject> _made = [];

    /// <summary>The number of repairs made.</summary>
    public int Count => _made.Count;

    /// <summary>The number of repairs, as text.</summary>
    public string Counted => isDryRun
        ? $"{Report.Count(Count, "repair")} would be made"
        : $"{Report.Count(Count, "repair")} made";

    /// <summary>The text after an interruption.</summary>
    public string WhatWasDone =>
        isDryRun ? "nothing was changed: this was a dry run" : $"{Counted}, and nothing else was changed";

    /// <summary>The faults after the repairs.</summary>
    public VerifyReport Verify() => VerifyVerb.Verify(run, options, _files);

    /// <summary>Makes a repair. Errors as <see cref="RepairStep.Make"/>.</summary>
    public void Make(RepairStep step, long? nextOffset) => Make(
        RepairNames.Of(step.Kind), step.BaseOffset, () => step.Make(run.Directory, options, _files, nextOffset));

    /// <summary>Puts a segment back from a file. Errors as <see cref="LogRepair.PutSegmentBack"/>.</summary>
    public void PutBack(string file) =>
        Make("put-back", null, () => LogRepair.PutSegmentBack(run.Directory, file, options, _files));

    /// <summary>The repairs as JSON.</summary>
    public JsonArray Document() => new([.. _made]);

    // The repair does not say how far it is: the bar only shows that it runs.
    private void Make(string name, long? segment, Func<RepairReport> repair)
    {
        var report = run.Under(name, _ => repair());
        _made.Add(new JsonObject
        {
            ["repair"] = name,
            ["segment"] = segment,
            ["lostFrom"] = report.LostFrom,
            ["lostTo"] = report.LostTo,
            ["keptIn"] = isDryRun ? null : report.KeptIn,
            ["nextOffset"] = report.NextOffset,
        });
        var lost = (report.LostFrom, report.LostTo) switch
        {
            (null, _) => "nothing",
            ({ } from, null) => $"what was at offset {from} and behind it",
            ({ } from, { } to) when from == to => $"offset {from}",
            ({ } from, { } to) => $"offsets {from} to {to}",
        };
        run.Text(isDryRun ? $"  would lose {lost}\n" : $"  done; lost: {lost}\n");
        if (report.NextOffset is { } next)
            run.Text($"  the log {(isDryRun ? "would go" : "goes")} on at offset {next}\n");
        if (report.KeptIn is { } kept && !isDryRun)
            run.Text($"  what was changed is kept in {OperatorConsole.OneLine(kept)}\n");
    }
}
