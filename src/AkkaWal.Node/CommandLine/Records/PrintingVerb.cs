using System.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Records;

/// <summary>A verb that prints records, with the options for their format and their archive.</summary>
internal abstract class PrintingVerb : Verb
{
    private const string Text = "text", Json = "json", Hex = "hex", Raw = "raw";

    private readonly Option<string> _format = new("--format")
    {
        HelpName = "text|json|hex|raw",
        Description = "How records are printed (default: text): offset and text on a line each, an object of JSON on a "
            + "line each, bytes beside characters, or the bytes alone",
    };

    private readonly Option<bool> _lengthPrefixed = new("--length-prefixed")
    {
        Description = "With --format raw: 4 bytes before each record tell its length, little endian",
    };

    private readonly Option<string> _archive = ArchiveOption();

    protected PrintingVerb(OperatorConsole console, string name, string description, string example)
        : base(console, name, description, example)
    {
        _format.AcceptOnlyFromAmong(Text, Json, Hex, Raw);
        Options.Add(_format);
        Options.Add(_lengthPrefixed);
        Options.Add(_archive);
    }

    /// <inheritdoc/>
    protected override bool ChangesLog => false;

    /// <summary>Prints records of a cursor up to an offset, or to the end of the log.</summary>
    /// <param name="run">The run of the verb.</param>
    /// <param name="reader">The log.</param>
    /// <param name="cursor">The cursor.</param>
    /// <param name="printer">Prints them.</param>
    /// <param name="next">Where the cursor is; where it is afterwards.</param>
    /// <param name="to">The last offset.</param>
    /// <exception cref="VerbException">A record is damaged, or a segment is missing.</exception>
    protected static void Print(
        VerbRun run, LogReader reader, LogCursor cursor, RecordPrinter printer, ref long next, long to)
    {
        try
        {
            // After the last one it stops: the cursor would wait for new records.
            while (next <= to && cursor.MoveNext() && cursor.Offset <= to)
            {
                run.Console.Stopping.ThrowIfCancellationRequested();
                printer.Print(cursor.Offset, cursor.Payload);
                next = cursor.Offset + 1;
            }
        }
        catch (WalFaultException e)
        {
            var behind = ReadableBehind(reader, next) is { } offset && offset <= to
                ? $"; dump --from {offset} goes on behind it"
                : "";
            throw new VerbException(e.Message, $"{run.FaultHint}{behind}", ExitStatus.Fault, e);
        }
    }

    /// <summary>Requires that what was printed is all of a whole log.</summary>
    /// <exception cref="VerbException">The log is damaged.</exception>
    protected static void RequireWhole(VerbRun run, LogReader reader)
    {
        if (reader.Damage is not { } damage) return;
        throw new VerbException(
            $"this is what can be read of a damaged log: {damage.Message}", run.FaultHint,
            ExitStatus.Fault, damage);
    }

    /// <summary>The archive option; null if it is missing.</summary>
    protected string? ArchiveOf(VerbRun run) => run.Get(_archive);

    /// <summary>A printer for the format options.</summary>
    /// <exception cref="VerbException">Options contradict each other.</exception>
    protected RecordPrinter PrinterOf(VerbRun run)
    {
        var format = run.Get(_format) ?? (run.IsJson ? Json : Text);
        var isPrefixed = run.Get(_lengthPrefixed);
        if (run.IsJson && format != Json)
            throw VerbException.Refused($"--json and --format {format} contradict each other");
        if (isPrefixed && format != Raw) throw VerbException.Refused("--length-prefixed goes with --format raw alone");
        var printer = new RecordPrinter(run.Console, format switch
        {
            Json => RecordFormat.Json,
            Hex => RecordFormat.Hex,
            Raw => isPrefixed ? RecordFormat.LengthPrefixed : RecordFormat.Raw,
            _ => RecordFormat.Text,
        });
        run.WhatWasDone = () => printer.Summary;
        return printer;
    }

    // The record behind a bad one is often whole. Where a segment is missing or its header is bad, the next one may be.
    private static long? ReadableBehind(LogReader reader, long bad)
    {
        const int MaxSegments = 2;
        var starts = reader.Segments.Select(segment => segment.StartOffset)
            .Where(start => start > bad + 1).Take(MaxSegments);
        foreach (var start in starts.Prepend(bad + 1))
        {
            try
            {
                using var cursor = reader.Scan(start, GapPolicy.Skip);
                if (cursor.MoveNext()) return cursor.Offset;
            }
            catch (WalFaultException)
            {
                // It is bad as well.
            }
        }
        return null;
    }
}
