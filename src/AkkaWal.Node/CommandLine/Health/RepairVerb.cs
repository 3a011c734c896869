using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>
/// Repairs a log that nobody has open: each fault by the repair that it asks for, or one repair by its name. Tells what
/// is lost, and asks, before each.
/// </summary>
internal sealed class RepairVerb : Verb
{
    // A log has at most as many repairs to make as faults are reported.
    private const int MaxSteps = LogVerifier.MaxFaults;

    private readonly Argument<string?> _kind = new("REPAIR")
    {
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "REPAIR",
        Description = $"One repair alone: {string.Join(", ", RepairNames.All)} (default: all that verify asks for)",
    };

    private readonly Option<long?> _segment = new("--segment")
    {
        HelpName = "OFFSET", Description = "The first offset of the segment that REPAIR is about",
    };

    private readonly Option<long?> _nextOffset = new("--next-offset")
    {
        HelpName = "OFFSET",
        Description = "Where cut-tail and replace-active go on: an offset surely never given (default: far enough)",
    };

    private readonly Option<string> _putBack = new("--put-back")
    {
        HelpName = "FILE", Description = "Put a segment back from a good copy of its file, .log or .logz",
    };

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };

    private readonly Option<string> _archive = ArchiveOption();

    public RepairVerb(OperatorConsole console) : base(
        console, "repair", "Repair a damaged log; copy its directory first.", "repair /var/lib/shop/wal")
    {
        _kind.AcceptOnlyFromAmong([.. RepairNames.All]);
        Arguments.Add(_kind);
        foreach (var option in (Option[])[_segment, _nextOffset, _putBack, _yes, _archive]) Options.Add(option);
    }

    protected override int Run(VerbRun run)
    {
        string? kind = run.Arguments.GetValue(_kind), copy = run.Get(_putBack);
        if (copy is not null && kind is not null)
            throw VerbException.Refused("name a REPAIR or --put-back, and not both");
        run.RequireLog();
        if (PosixFileSystem.Instance.IsLocked(Path.Combine(run.Directory, SegmentName.Lock)))
            throw new WalLockedException(run.Directory, run.HolderOfLock());

        List<JsonObject> made = [];
        run.WhatWasDone = () => $"{Report.Count(made.Count, "repair")} made, and nothing else was changed";
        bool isDone = copy is not null ? PutBack(run, copy, made)
            : kind is not null ? MakeNamed(run, RepairNames.Parse(kind), made)
            : MakeAll(run, made);
        return Finish(run, made, isDone);
    }

    private bool MakeAll(VerbRun run, List<JsonObject> made)
    {
        // A repair that can't be made, or leaves what it was to mend, is not tried again.
        HashSet<LogFault> tried = [];
        while (tried.Count < MaxSteps)
        {
            var fault = Verify(run).Faults.FirstOrDefault(fault => fault.Repair is not null && !tried.Contains(fault));
            if (fault is null) return true;
            tried.Add(fault);
            run.Text(VerifyVerb.Tell(fault));
            try
            {
                if (!Make(run, RepairStep.For(fault)!, made)) return false;
            }
            catch (WalFaultException e)
            {
                run.Text($"  not done: {OperatorConsole.OneLine(RepairNames.ToCommands(e.Message))}\n");
            }
        }
        return false;
    }

    private bool MakeNamed(VerbRun run, RepairKind kind, List<JsonObject> made)
    {
        var segment = run.Get(_segment);
        if (RepairStep.NeedsSegment(kind) && segment is null)
            throw VerbException.Refused(
                $"{RepairNames.Of(kind)} needs --segment", $"inspect {run.Directory} lists first offsets");
        var found = Verify(run).Faults.Where(fault => fault.Repair == kind).Select(fault => RepairStep.For(fault)!);
        var step = found.FirstOrDefault(step => segment is null || step.BaseOffset == segment);
        return Make(run, step ?? new RepairStep(kind, segment, null), made);
    }

    private bool Make(VerbRun run, RepairStep step, List<JsonObject> made)
    {
        string name = RepairNames.Of(step.Kind);
        if (!MayGoOn(run, $"{name}: {step.Warning}")) return false;
        run.HasBegun = true;
        Note(run, name, step.BaseOffset, step.Make(run.Directory, OptionsOf(run), run.Get(_nextOffset)), made);
        return true;
    }

    private bool PutBack(VerbRun run, string copy, List<JsonObject> made)
    {
        string file = VerbRun.Absolute(copy);
        string warning = $"put-back: nothing is lost: {OperatorConsole.OneLine(file)} is a segment of the log again";
        if (!MayGoOn(run, warning)) return false;
        run.HasBegun = true;
        Note(run, "put-back", null, LogRepair.PutSegmentBack(run.Directory, file, OptionsOf(run)), made);
        return true;
    }

    private bool MayGoOn(VerbRun run, string warning)
    {
        run.Console.Stopping.ThrowIfCancellationRequested();
        run.Text($"{warning}\n");
        if (run.Get(_yes)) return true;
        if (!run.Console.IsInputTerminal)
            throw new VerbException(
                "without a terminal nobody can be asked", "--yes goes on without", run.FailureStatus);
        if (run.IsJson) run.Console.WriteError($"{warning}\n");
        return run.Ask("Go on?");
    }

    private static void Note(VerbRun run, string name, long? segment, RepairReport report, List<JsonObject> made)
    {
        made.Add(new JsonObject
        {
            ["repair"] = name,
            ["segment"] = segment,
            ["lostFrom"] = report.LostFrom,
            ["lostTo"] = report.LostTo,
            ["keptIn"] = report.KeptIn,
            ["nextOffset"] = report.NextOffset,
        });
        string lost = (report.LostFrom, report.LostTo) switch
        {
            (null, _) => "nothing was lost",
            ({ } from, null) => $"what was at offset {from} and behind it is lost",
            ({ } from, { } to) => $"offsets {from} to {to} are lost",
        };
        run.Text($"  done; {lost}\n");
        if (report.NextOffset is { } next) run.Text($"  the log goes on at offset {next}\n");
        if (report.KeptIn is { } kept) run.Text($"  what was changed is kept in {OperatorConsole.OneLine(kept)}\n");
    }

    private int Finish(VerbRun run, List<JsonObject> made, bool isDone)
    {
        var left = Verify(run);
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["repairs"] = new JsonArray([.. made]),
            ["canBeOpened"] = left.Refusal is null,
            ["faultsLeft"] = new JsonArray([.. left.Faults.Select(VerifyVerb.Json)]),
        });
        // Whoever says no has just read them.
        foreach (var fault in isDone ? left.Faults : []) run.Text(VerifyVerb.Tell(fault));
        string what = $"{Report.Count(made.Count, "repair")} made";
        run.Text(left.Faults.Count == 0
            ? $"{(made.Count == 0 ? "nothing to repair" : what)}: the log has no fault\n"
            : $"{what}; {Report.Count(left.Faults.Count, "fault")} left\n");
        return isDone && left.Faults.Count == 0 ? ExitStatus.Fine : ExitStatus.Fault;
    }

    private VerifyReport Verify(VerbRun run) => VerifyVerb.Verify(run, run.Get(_archive));

    private WalOptions OptionsOf(VerbRun run) => new() { Archive = VerbRun.ArchiveAt(run.Get(_archive)) };
}
