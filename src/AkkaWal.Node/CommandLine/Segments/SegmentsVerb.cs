using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>What became of one segment.</summary>
/// <param name="Before">The segment as it was.</param>
/// <param name="Result">Where or what it is now, or why it is as before, for people.</param>
/// <param name="StoredBytes">What its file takes now; null where nothing was done.</param>
/// <param name="IsFault">Whether it should have been done and could not be.</param>
internal sealed record SegmentOutcome(SegmentInfo Before, string Result, long? StoredBytes, bool IsFault = false);

/// <summary>A verb that changes sealed segments, one named or all, one after the other.</summary>
internal abstract class SegmentsVerb : Verb
{
    private static readonly ReportColumn[] Columns =
        [new("segment"), new("records", true), new("bytes", true), new("stored", true), new("result")];

    private readonly Argument<string?> _file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrOne, Description = "A sealed segment, such as 00000000.log; inspect lists them",
    };

    private readonly Option<bool> _all = new("--all") { Description = "All sealed segments that it can be done to" };

    protected SegmentsVerb(OperatorConsole console, string name, string description, string example)
        : base(console, name, description, example)
    {
        Arguments.Add(_file);
        Options.Add(_all);
    }

    /// <summary>What was done, in one word, for people.</summary>
    protected abstract string Done { get; }

    /// <summary>How the log is opened.</summary>
    protected abstract WalOptions OptionsOf(VerbRun run);

    /// <summary>Whether <c>--all</c> means a segment that is sealed.</summary>
    protected abstract bool Concerns(SegmentInfo segment);

    /// <summary>Does it to one segment.</summary>
    protected abstract SegmentOutcome Change(SegmentedLog log, SegmentInfo segment);

    protected sealed override int Run(VerbRun run)
    {
        string? file = run.Arguments.GetValue(_file);
        if (run.Get(_all) == file is not null)
            throw VerbException.Refused("name one FILE, or --all", $"inspect {run.Directory} lists them");
        using var log = run.OpenLog(OptionsOf(run));
        var chosen = file is null
            ? [.. log.Segments.Where(segment => segment.IsSealed && Concerns(segment))]
            : Named(log, file);
        List<SegmentOutcome> outcomes = [];
        run.HasBegun = true;
        run.WhatWasDone = () => $"{outcomes.Count} of {Report.Count(chosen.Count, "segment")} were tried, "
            + $"{outcomes.Count(outcome => outcome.StoredBytes is not null)} {Done}; the others are as before";
        run.Under(Name, told =>
        {
            foreach (var segment in chosen)
            {
                run.Console.Stopping.ThrowIfCancellationRequested();
                outcomes.Add(Try(log, segment));
                told(outcomes.Count, chosen.Count);
            }
            return outcomes.Count;
        });
        log.Close();
        Print(run, outcomes);
        return outcomes.Any(outcome => outcome.IsFault || (file is not null && outcome.StoredBytes is null))
            ? ExitStatus.Fault
            : ExitStatus.Fine;
    }

    // With a path before it, as a shell completes it, or alone.
    private static List<SegmentInfo> Named(SegmentedLog log, string file)
    {
        string name = Path.GetFileName(file);
        if (name.EndsWith(".logz", StringComparison.Ordinal)) name = name[..^1];
        return log.Segments.FirstOrDefault(segment => segment.File == name) switch
        {
            null => throw VerbException.Refused(
                $"{OperatorConsole.OneLine(file)} is no segment of the log",
                $"inspect {log.Segments[0].File} and others"),
            { IsSealed: false } =>
                throw VerbException.Refused($"{name} is the active segment", "only sealed ones can be changed"),
            var found => [found],
        };
    }

    // One segment that can't be changed says nothing about the others; a platform that fails does.
    private SegmentOutcome Try(SegmentedLog log, SegmentInfo segment)
    {
        try
        {
            return Change(log, segment);
        }
        catch (InvalidOperationException e)
        {
            return new SegmentOutcome(segment, e.Message, null);
        }
        catch (WalFaultException e)
        {
            return new SegmentOutcome(segment, e.Message, null, IsFault: true);
        }
    }

    private void Print(VerbRun run, List<SegmentOutcome> outcomes)
    {
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["segments"] = new JsonArray([.. outcomes.Select(outcome => new JsonObject
            {
                ["file"] = outcome.Before.File,
                ["isDone"] = outcome.StoredBytes is not null,
                ["bytes"] = outcome.Before.SizeBytes,
                ["storedBytes"] = outcome.StoredBytes,
                ["result"] = outcome.Result,
            })]),
        });
        if (outcomes.Count > 0)
            run.Text(Report.Table(run.Console, Columns, [.. outcomes.Select(outcome => (string[])
            [
                outcome.Before.File, $"{outcome.Before.RecordCount}", $"{outcome.Before.SizeBytes}",
                outcome.StoredBytes is { } stored ? $"{stored}" : "", OperatorConsole.OneLine(outcome.Result),
            ])]));
        long done = outcomes.Count(outcome => outcome.StoredBytes is not null);
        run.Text($"{Report.Count(done, "segment")} {Done}, {outcomes.Count - done} left as before\n");
    }
}
