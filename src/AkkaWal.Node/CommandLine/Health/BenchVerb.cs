using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using AkkaWal.Node.Data;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.CommandLine.Health;

/// <summary>Measures the disk below a directory, and a log on it, for a few seconds.</summary>
internal sealed class BenchVerb : Verb
{
    private const int PayloadBytes = 100, GroupRecords = 64, UsualSeconds = 2, MostSeconds = 60;

    // The size of the file for writes without a log. It is filled with zeros first, as the space ahead of a log's tail
    // is.
    private const int BareFileBytes = 1 << 20;

    // The most syncs that are measured.
    private const int MaxSamples = 1 << 20;

    private static readonly ReportColumn[] Columns =
    [
        new("what"), new("records/s", true), new("syncs/s", true), new("median", true), new("99 of 100", true),
        new("slowest", true, MayGo: true),
    ];

    private readonly Option<long> _seconds = new("--seconds")
    {
        HelpName = "N", Description = $"How long each of the three takes, 1 to {MostSeconds}",
        DefaultValueFactory = static _ => UsualSeconds,
    };

    public BenchVerb(OperatorConsole console) : base(
        console, "bench", "Measure durable writes on this disk, and on a log, in a temporary folder below DIR.",
        "bench /var/lib/shop", new Argument<string>("DIR") { Description = "A directory on the disk to measure" }) =>
        Options.Add(_seconds);

    protected override int Run(VerbRun run)
    {
        var seconds = run.Get(_seconds);
        if (seconds is < 1 or > MostSeconds)
            throw VerbException.Refused($"--seconds is 1 to {MostSeconds}, and not {seconds}");
        if (WalFileSystem.Default.Stat(run.Directory) is null)
            throw VerbException.Refused($"there is no directory {run.Directory}", "name one on the disk to measure");
        if (WalFileSystem.Default.Stat(run.Directory) is { Kind: WalEntryKind.File })
            throw VerbException.Refused($"{run.Directory} is a file", "name a directory on the disk to measure");
        var folder = Path.Combine(run.Directory, $"akkawal-bench-{Guid.NewGuid():N}");
        List<Measured> results = [];
        run.WhatWasDone = () => $"{results.Count} of 3 measurements were made; the temporary folder is removed";
        WalFileSystem.Default.CreateDirectory(folder);
        try
        {
            run.Under("measuring", told =>
            {
                told(0, 3);
                results.Add(MeasureBare(run, folder, seconds));
                told(1, 3);
                results.Add(MeasureLog(run, Path.Combine(folder, "single"), seconds, "log, 1 writer", 1));
                told(2, 3);
                var groups = $"log, commits of {GroupRecords} records";
                results.Add(MeasureLog(run, Path.Combine(folder, "groups"), seconds, groups, GroupRecords));
                return true;
            });
        }
        finally
        {
            FolderRemoval.Remove(WalFileSystem.Default, folder);
        }
        Print(run, results);
        return ExitStatus.Fine;
    }

    private static Measured MeasureBare(VerbRun run, string folder, long seconds)
    {
        using var file = WalFileSystem.Default.Open(Path.Combine(folder, "bare"), FileAccessMode.CreateNew);
        file.Write(0, new byte[BareFileBytes]);
        file.Sync();
        WalFileSystem.Default.SyncDirectory(folder);
        var payload = Payload();
        long position = 0;
        return Measure(run, $"bare write and sync of {PayloadBytes} B", seconds, 1, () =>
        {
            file.Write(position, payload);
            file.Sync();
            position = (position + PayloadBytes) % (BareFileBytes - PayloadBytes);
        });
    }

    private static Measured MeasureLog(VerbRun run, string directory, long seconds, string name, int records)
    {
        using var log = SegmentedLog.Open(directory);
        var payload = Payload();
        var measured = Measure(run, name, seconds, records, () =>
        {
            for (var count = 0; count < records; count++) log.Append(payload);
            log.Commit();
        });
        log.Close();
        return measured;
    }

    private static Measured Measure(VerbRun run, string name, long seconds, int records, Action commit)
    {
        List<long> ticks = [];
        var (began, end) = (Stopwatch.GetTimestamp(), TimeSpan.FromSeconds(seconds));
        long count = 0;
        for (var before = began; Stopwatch.GetElapsedTime(began, before) < end; count++)
        {
            run.Console.Stopping.ThrowIfCancellationRequested();
            commit();
            var after = Stopwatch.GetTimestamp();
            if (ticks.Count < MaxSamples) ticks.Add(after - before);
            before = after;
        }
        var perSecond = count / Stopwatch.GetElapsedTime(began).TotalSeconds;
        ticks.Sort();
        return new Measured(name, perSecond * records, perSecond, At(0.5), At(0.99), At(1));

        double At(double part) => Stopwatch.GetElapsedTime(0, ticks[(int)((ticks.Count - 1) * part)]).TotalMicroseconds;
    }

    // Random bytes, since a storage layer may skip zeros.
    private static byte[] Payload()
    {
        var payload = new byte[PayloadBytes];
        new Random(1).NextBytes(payload);
        return payload;
    }

    private static void Print(VerbRun run, List<Measured> results)
    {
        run.Document(new JsonObject
        {
            ["directory"] = run.Directory,
            ["payloadBytes"] = PayloadBytes,
            ["results"] = new JsonArray([.. results.Select(result => new JsonObject
            {
                ["name"] = result.Name,
                ["recordsPerSecond"] = Math.Round(result.RecordsPerSecond),
                ["syncsPerSecond"] = Math.Round(result.SyncsPerSecond),
                ["medianMicroseconds"] = Math.Round(result.MedianMicroseconds),
                ["p99Microseconds"] = Math.Round(result.P99Microseconds),
                ["slowestMicroseconds"] = Math.Round(result.SlowestMicroseconds),
            })]),
        });
        run.Text(Report.Table(run.Console, Columns, [.. results.Select(result => (string[])
        [
            result.Name, $"{result.RecordsPerSecond:0}", $"{result.SyncsPerSecond:0}",
            $"{result.MedianMicroseconds:0} us",
            $"{result.P99Microseconds:0} us", $"{result.SlowestMicroseconds:0} us",
        ])]));
        run.Text($"records of {PayloadBytes} B; a sync each time under the policy always\n");
    }

    private sealed record Measured(
        string Name, double RecordsPerSecond, double SyncsPerSecond, double MedianMicroseconds, double P99Microseconds,
        double SlowestMicroseconds);
}
