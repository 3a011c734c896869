using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>
/// Repairs a log that is not open: each fault by its repair, or one repair by its name. Before each it says what is
/// lost, and asks.
/// </summary>
internal sealed class RepairVerb : Verb
{
    // A log needs at most one repair for each reported fault.
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

    private readonly Option<bool> _dryRun = new("--dry-run", "-n")
    {
        Description = "Tell what would be done and lost, and change nothing (status 0: nothing to do)",
    };

    private readonly Option<string> _archive = ArchiveOption();

    public RepairVerb(OperatorConsole console) : base(
        console, "repair", "Repair a damaged log; copy its directory first.", "repair /var/lib/shop/wal")
    {
        _kind.AcceptOnlyFromAmong([.. RepairNames.All]);
        Arguments.Add(_kind);
        Option[] options = [_segment, _nextOffset, _putBack, _yes, _dryRun, _archive];
        foreach (var option in options) Options.Add(option);
    }

    protected override int Run(VerbRun run)
    {
        string? kind = run.Arguments.GetValue(_kind), copy = run.Get(_putBack);
        if (copy is not null && kind is not null)
            throw VerbException.Refused("name a REPAIR or --put-back, and not both");
        RequireOptionsFor(run, kind, copy);
        run.RequireLog();
        if (WalFileSystem.Default.IsLocked(Path.Combine(run.Directory, SegmentName.Lock)))
            throw new WalLockedException(run.Directory, run.HolderOfLock());

        var pass = new RepairPass(run, run.OptionsWith(_archive), run.Get(_dryRun));
        run.WhatWasDone = () => pass.WhatWasDone;
        var isDone = copy is not null ? PutBack(run, pass, copy)
            : kind is not null ? MakeNamed(run, pass, RepairNames.Parse(kind))
            : MakeAll(run, pass);
        return Finish(run, pass, isDone);
    }

    // An option that the repair does not use may mean that another one was meant.
    private void RequireOptionsFor(VerbRun run, string? kind, string? copy)
    {
        List<string> ofSegments = [.. Named(RepairStep.NeedsSegment)];
        List<string> ofOffsets = [.. Named(RepairStep.GoesOnElsewhere)];
        if (run.Get(_segment) is not null && !ofSegments.Contains(kind ?? ""))
            throw VerbException.Refused($"--segment goes with {string.Join(", ", ofSegments)}", "name the REPAIR");
        if (run.Get(_nextOffset) is not { } next) return;
        if (copy is not null || (kind is not null && !ofOffsets.Contains(kind)))
            throw VerbException.Refused($"--next-offset goes with {string.Join(", ", ofOffsets)}", "leave it out");
        if (next < 0) throw VerbException.Refused($"--next-offset is 0 or more, and not {next}");
    }

    private static IEnumerable<string> Named(Func<RepairKind, bool> isIt) =>
        Enum.GetValues<RepairKind>().Where(isIt).Select(RepairNames.Of);

    private bool MakeAll(VerbRun run, RepairPass pass)
    {
        // A repair that can't be made, or does not remove its fault, is not tried again.
        HashSet<LogFault> tried = [];
        while (tried.Count < MaxSteps)
        {
            var fault = pass.Verify().Faults
                .FirstOrDefault(fault => fault.Repair is not null && !tried.Contains(fault));
            if (fault is null) return true;
            tried.Add(fault);
            run.Text(VerifyVerb.TextOf(fault));
            try
            {
                if (!Make(run, pass, RepairStep.For(fault)!)) return false;
            }
            catch (WalFaultException e)
            {
                run.Text($"  not done: {OperatorConsole.OneLine(RepairNames.ToCommands(e.Message))}\n");
            }
        }
        return false;
    }

    private bool MakeNamed(VerbRun run, RepairPass pass, RepairKind kind)
    {
        var segment = run.Get(_segment);
        if (RepairStep.NeedsSegment(kind) && segment is null)
            throw VerbException.Refused(
                $"{RepairNames.Of(kind)} needs --segment", $"inspect {run.Directory} lists first offsets");
        var found = pass.Verify().Faults.Where(fault => fault.Repair == kind).Select(fault => RepairStep.For(fault)!);
        var step = found.FirstOrDefault(step => segment is null || step.BaseOffset == segment);
        return Make(run, pass, step ?? new RepairStep(kind, segment, null));
    }

    private bool Make(VerbRun run, RepairPass pass, RepairStep step)
    {
        if (!MayGoOn(run, $"{RepairNames.Of(step.Kind)}: {step.Warning}")) return false;
        Try(run, pass, () => pass.Make(step, run.Get(_nextOffset)));
        return true;
    }

    private bool PutBack(VerbRun run, RepairPass pass, string copy)
    {
        var file = VerbRun.Absolute(copy);
        if (WalFileSystem.Default.Stat(file) is not { Kind: WalEntryKind.File })
            throw VerbException.Refused($"there is no file {file}", "name a copy of a segment, .log or .logz");
        var warning = $"put-back: nothing is lost: {OperatorConsole.OneLine(file)} is a segment of the log again";
        if (!MayGoOn(run, warning)) return false;
        Try(run, pass, () => pass.PutBack(file));
        return true;
    }

    // A wrong argument, and a file that is no copy of a segment, are found before anything is changed.
    private static void Try(VerbRun run, RepairPass pass, Action repair)
    {
        try
        {
            run.HasBegun = true;
            repair();
        }
        catch (Exception e) when (e is ArgumentException or WalFaultException && pass.Count == 0)
        {
            run.HasBegun = false;
            throw;
        }
    }

    private bool MayGoOn(VerbRun run, string warning)
    {
        run.Console.Stopping.ThrowIfCancellationRequested();
        run.Text($"{warning}\n");
        if (run.Get(_dryRun)) return true;
        if (run.Get(_yes)) return true;
        if (!run.Console.IsInputTerminal)
            throw new VerbException(
                "without a terminal nobody can be asked", "--yes goes on without, --dry-run tells what it would do",
                run.FailureStatus);
        if (run.IsJson) run.Console.WriteError($"{warning}\n");
        return run.Ask("Go on?");
    }

    private int Finish(VerbRun run, RepairPass pass, bool isDone)
    {
        var isDryRun = run.Get(_dryRun);
        var left = pass.Verify();
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["isDryRun"] = isDryRun,
            ["repairs"] = pass.Document(),
            ["canBeOpened"] = left.Refusal is null,
            ["faultsLeft"] = new JsonArray([.. left.Faults.Select(VerifyVerb.Json)]),
        });
        // If the answer was no, the faults were printed just before.
        foreach (var fault in isDone ? left.Faults : []) run.Text(VerifyVerb.TextOf(fault));
        var faults = left.Faults.Count == 0 ? "no fault" : Report.Count(left.Faults.Count, "fault");
        run.Text((pass.Count, left.Faults.Count) switch
        {
            (0, 0) => "nothing to repair: the log has no fault\n",
            _ when isDryRun => $"{pass.Counted}, and {faults} left; nothing was changed\n",
            (_, 0) => $"{pass.Counted}: the log has no fault\n",
            _ => $"{pass.Counted}; {faults} left\n",
        });
        var isFine = isDone && left.Faults.Count == 0 && (pass.Count == 0 || !isDryRun);
        return isFine ? ExitStatus.Fine : ExitStatus.Fault;
    }
}
