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
        if (from < 0 || to < from)
            throw VerbException.Refused(
                $"there are no offsets from {from} to {to}", "--from is 0 or more, and --to at least that");
        using var reader = run.OpenReader(ArchiveOf(run));
        run.HasBegun = true;
        Print(run, reader, printer, from, to);
        if (printer.Count == 0) run.Console.Note($"no record is in the range: {Holds(reader)}");
        if (reader.Damage is not { } damage) return ExitStatus.Fine;
        run.Console.Flush();
        run.Console.Note($"this is what can be read of a damaged log: {RepairNames.ToCommands(damage.Message)}");
        return ExitStatus.Fault;
    }

    private static void Print(VerbRun run, LogReader reader, RecordPrinter printer, long from, long to)
    {
        if (from < reader.StartOffset && reader.StartOffset <= to && reader.StartOffset > 0
            && run.Arguments.GetResult("--from") is not null)
            run.Console.Note($"offsets {from} to {reader.StartOffset - 1} are not in the log");
        // Stops at the end: there a cursor would wait for new records.
        using var cursor = reader.Scan(Math.Max(from, reader.StartOffset), GapPolicy.Skip);
        while (cursor.MoveNext() && cursor.Offset <= to)
        {
            run.Console.Stopping.ThrowIfCancellationRequested();
            printer.Print(cursor.Offset, cursor.Payload);
            if (cursor.Offset == to) return;
        }
    }

    private static string Holds(LogReader reader) => reader.NextOffset == reader.StartOffset
        ? $"the log is empty, and goes on at offset {reader.NextOffset}"
        : $"the log holds offsets {reader.StartOffset} to {reader.NextOffset - 1}";
}
