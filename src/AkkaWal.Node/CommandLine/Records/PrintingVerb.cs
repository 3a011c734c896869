using System.CommandLine;

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
        run.WhatWasDone = () => printer.Told;
        return printer;
    }
}
