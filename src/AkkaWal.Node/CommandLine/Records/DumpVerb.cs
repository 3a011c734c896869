using System.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Records;

/// <summary>Prints the records of a range, while the log has a writer or not. Changes nothing.</summary>
internal sealed class DumpVerb : PrintingVerb
{
    private readonly Option<long?> _from = new("--from")
    {
        HelpName = "OFFSET", Description = "The first record (default: the log's first)",
    };

    private readonly Option<long?> _to = new("--to")
    {
        HelpName = "OFFSET", Description = "The last record (default: the log's last)",
    };

    public DumpVerb(OperatorConsole console) : base(
        console, "dump", "Print the records of a range.", "dump /var/lib/shop/wal --from 1000 --to 1999 --format json")
    {
        Options.Add(_from);
        Options.Add(_to);
    }

    protected override int Run(VerbRun run)
    {
        var printer = PrinterOf(run);
        long from = run.Get(_from) ?? 0, to = run.Get(_to) ?? long.MaxValue;
        if (from < 0) throw VerbException.Refused($"--from is 0 or more, and not {from}");
        if (to < from) throw VerbException.Refused($"--to is {from} or more, and not {to}");
        using var reader = run.OpenReader(ArchiveOf(run));
        run.HasBegun = true;
        if (from < reader.StartOffset && reader.StartOffset <= to && reader.StartOffset > 0
            && run.Arguments.GetResult("--from") is not null)
            run.Console.Note($"offsets {from} to {reader.StartOffset - 1} are not in the log");
        var next = Math.Max(from, reader.StartOffset);
        using var cursor = reader.Scan(next, GapPolicy.Skip);
        Print(run, reader, cursor, printer, ref next, to);
        if (printer.Count == 0) run.Console.Note($"no record is in the range: {Holds(reader)}");
        RequireWhole(run, reader);
        return ExitStatus.Fine;
    }

    private static string Holds(LogReader reader) => reader.NextOffset == reader.StartOffset
        ? $"the log is empty, and goes on at offset {reader.NextOffset}"
        : $"the log holds offsets {reader.StartOffset} to {reader.NextOffset - 1}";
}
