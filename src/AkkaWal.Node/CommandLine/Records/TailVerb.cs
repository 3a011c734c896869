using System.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Records;

/// <summary>
/// Prints the last records and new ones as they are appended, while the log has a writer or not. Changes nothing.
/// </summary>
internal sealed class TailVerb : PrintingVerb
{
    private const int UsualCount = 10;

    // The pause between two looks at the log. A look costs some system calls.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Option<bool> _follow = new("--follow", "-f")
    {
        Description = "Go on with what is appended, until Ctrl-C. Sees a record once it is known to be on the disk",
    };

    private readonly Option<long> _count = new("--count", "-n")
    {
        HelpName = "N", Description = "How many of the last records", DefaultValueFactory = static _ => UsualCount,
    };

    public TailVerb(OperatorConsole console) : base(
        console, "tail", "Print the last records, and those that come.", "tail /var/lib/shop/wal -n 3 --follow")
    {
        Options.Add(_follow);
        Options.Add(_count);
    }

    protected override int Run(VerbRun run)
    {
        var printer = PrinterOf(run);
        var count = run.Get(_count);
        if (count < 0) throw VerbException.Refused($"-n is 0 or more, and not {count}");
        using var reader = run.OpenReader(ArchiveOf(run));
        run.HasBegun = true;
        var next = StartOfLast(reader, count);
        using var cursor = reader.Scan(next, GapPolicy.Skip);
        while (true)
        {
            Print(run, reader, cursor, printer, ref next, long.MaxValue);
            run.Console.Flush();
            RequireWhole(run, reader);
            if (!run.Get(_follow)) return ExitStatus.Fine;
            run.Console.Stopping.WaitHandle.WaitOne(Pause);
            run.Console.Stopping.ThrowIfCancellationRequested();
        }
    }

    private static long StartOfLast(LogReader reader, long count)
    {
        var start = reader.NextOffset;
        foreach (var segment in reader.Segments.Reverse())
        {
            if (count == 0) break;
            var included = Math.Min(count, segment.RecordCount);
            if (included > 0) start = segment.EndOffset + 1 - included;
            count -= included;
        }
        return start;
    }
}
