using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.CommandLine.Records;

/// <summary>Appends the records of standard input to a log that is not open.</summary>
internal sealed class AppendVerb : Verb
{
    private readonly Option<bool> _lengthPrefixed = new("--length-prefixed")
    {
        Description = "Each record is behind its length of 4 bytes, little endian, and not a line",
    };

    private readonly Option<bool> _create = new("--create")
    {
        Description = "Make a new log where DIR is missing or empty",
    };

    private readonly Option<long?> _maxSegmentBytes = new("--max-segment-bytes")
    {
        HelpName = "N",
        Description = $"The size in bytes, 1 to {WalOptions.LargestSegmentBytes}, beyond which a segment is sealed "
            + "(default: 64 MiB)",
    };

    private readonly Option<string> _archive = ArchiveOption();

    public AppendVerb(OperatorConsole console) : base(
        console, "append", "Append lines of standard input, all of them durable when it ends.",
        "append /var/lib/shop/wal < orders.txt")
    {
        Options.Add(_lengthPrefixed);
        Options.Add(_create);
        Options.Add(_maxSegmentBytes);
        Options.Add(_archive);
    }

    protected override int Run(VerbRun run)
    {
        var usual = run.OptionsWith(_archive);
        if (run.Get(_maxSegmentBytes) is { } size and not (>= 1 and <= WalOptions.LargestSegmentBytes))
            throw VerbException.Refused(
                $"--max-segment-bytes is 1 to {WalOptions.LargestSegmentBytes}, and not {size}");
        var options = usual with { MaxSegmentBytes = run.Get(_maxSegmentBytes) ?? usual.MaxSegmentBytes };
        using var log = run.Get(_create) && IsMissingOrEmpty(run.Directory)
            ? SegmentedLog.Open(run.Directory, options, note: run.Console.Note)
            : run.OpenLog(options, "--create makes a log there");
        var first = log.NextOffset;
        run.HasBegun = true;
        run.WhatWasDone = () => log.DurableNextOffset == first
            ? "no record was appended"
            : $"{Appended(first, log.DurableNextOffset)}, and nothing of the input behind them";
        Append(log, new RecordInput(run.Console, run.Get(_lengthPrefixed), options.MaxPayloadBytes));
        log.Close();
        var next = log.DurableNextOffset;
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["records"] = next - first,
            ["firstOffset"] = next > first ? first : null,
            ["lastOffset"] = next > first ? next - 1 : null,
            ["nextOffset"] = next,
        });
        run.Text(next > first
            ? $"{Appended(first, next)}\n"
            : $"no record was given; the log goes on at offset {next}\n");
        return ExitStatus.Fine;
    }

    // The records of one read share a commit.
    private static void Append(SegmentedLog log, RecordInput input)
    {
        do
        {
            try
            {
                while (input.TryRead(out var record)) log.Append(record.Span);
            }
            catch (VerbException)
            {
                log.Commit();
                throw;
            }
            log.Commit();
        }
        while (input.TryFill());
        if (input.TryReadRest(out var rest)) log.Append(rest.Span);
        log.Commit();
    }

    private static string Appended(long first, long next) =>
        $"{Report.Count(next - first, "record")} appended, offsets {first} to {next - 1}";

    private static bool IsMissingOrEmpty(string directory)
    {
        if (WalFileSystem.Default.Stat(directory) is not { } found) return true;
        if (found.Kind != WalEntryKind.Directory) return false;
        using var opened = WalFileSystem.Default.OpenDirectory(directory);
        return opened.List(directory).Count == 0;
    }
}
