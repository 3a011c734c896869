using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>The result for one segment.</summary>
/// <param name="Before">The segment before the operation.</param>
/// <param name="Result">The new place or state, or why it was not changed; text for operators.</param>
/// <param name="StoredBytes">The bytes that its file takes now; null if nothing was done.</param>
/// <param name="IsFault">Whether the operation failed.</param>
internal sealed record SegmentOutcome(SegmentInfo Before, string Result, long? StoredBytes, bool IsFault = false);

/// <summary>A verb that changes sealed segments: a named one, or all of them one after the other.</summary>
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

    /// <summary>The word for a segment that was changed.</summary>
    protected abstract string Done { get; }

    /// <summary>The options to open the log with.</summary>
    protected abstract WalOptions OptionsOf(VerbRun run);

    /// <summary>Whether <c>--all</c> includes a sealed segment.</summary>
    protected abstract bool Concerns(SegmentInfo segment);

    /// <summary>Changes one segment. A cancellation leaves it as it was.</summary>
    protected abstract SegmentOutcome Change(SegmentedLog log, SegmentInfo segment, CancellationToken cancellation);

    protected sealed override int Run(VerbRun run)
    {
        var file = run.Arguments.GetValue(_file);
        if (run.Get(_all) == file is not null)
            throw VerbException.Refused("name one FILE, or --all", $"inspect {run.Directory} lists them");
        var options = OptionsOf(run);
        run.CheckBeforeWriting(reader => Chosen(run, reader.Segments, file));
        using var log = run.OpenLog(options);
        var chosen = Chosen(run, log.Segments, file);
        List<SegmentOutcome> outcomes = [];
        run.HasBegun = true;
        run.WhatWasDone = () => $"{outcomes.Count} of {Report.Count(chosen.Count, "segment")} tried, "
            + $"{outcomes.Count(outcome => outcome.StoredBytes is not null)} {Done}; the others are as before";
        run.Under(Name, told =>
        {
            foreach (var segment in chosen)
            {
                run.Console.Stopping.ThrowIfCancellationRequested();
                outcomes.Add(Try(log, segment, run.Console.Stopping));
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

    // The name may have a path, since shells complete file names with one.
    private List<SegmentInfo> Chosen(VerbRun run, IReadOnlyList<SegmentInfo> segments, string? file)
    {
        if (file is null) return [.. segments.Where(segment => segment.IsSealed && Concerns(segment))];
        var name = Path.GetFileName(file);
        if (name.EndsWith(".logz", StringComparison.Ordinal)) name = name[..^1];
        return segments.FirstOrDefault(segment => segment.File == name) switch
        {
            null => throw VerbException.Refused(
                $"{OperatorConsole.OneLine(file)} is no segment of the log",
                $"inspect {run.Directory} lists them"),
            { IsSealed: false } =>
                throw VerbException.Refused($"{name} is the active segment", "only sealed ones can be changed"),
            var found => [found],
        };
    }

    // If one segment can't be changed, the next one is tried, unless the platform failed.
    private SegmentOutcome Try(SegmentedLog log, SegmentInfo segment, CancellationToken cancellation)
    {
        try
        {
            return Change(log, segment, cancellation);
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
