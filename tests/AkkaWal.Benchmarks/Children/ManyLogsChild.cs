using System.Diagnostics;
using System.Globalization;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Benchmarks.Workloads.Appends;
using AkkaWal.Protocol;

namespace AkkaWal.Benchmarks.Children;

/// <summary>
/// Opens many logs in one actor system, has writers append to all of them, and prints their rate and the memory and
/// files that the process holds.
/// </summary>
internal static class ManyLogsChild
{
    internal const string Name = "many-logs";

    /// <param name="arguments">
    /// The directory that holds the logs' directories, how many of them to open, how many writers, the milliseconds
    /// to measure, and the milliseconds of the warm-up.
    /// </param>
    internal static int Run(string[] arguments)
    {
        var numbers = arguments.Skip(1).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToArray();
        var (logCount, writers) = (numbers[0], numbers[1]);
        var (duration, warmUp) = (TimeSpan.FromMilliseconds(numbers[2]), TimeSpan.FromMilliseconds(numbers[3]));
        using var context = new BenchContext(new RunOptions(), duration, warmUp);
        using var system = ActorLog.NewSystem();
        var files = new CountingFiles();
        var logs = Enumerable.Range(0, logCount).Select(i =>
        {
            var settings = new WalSettings { Directory = ManyLogs.DirectoryOf(arguments[0], i) };
            return system.ActorOf(LogManager.Props(system, settings, files), $"log-{i}");
        }).ToList();
        // A log answers once it is open.
        var opened = logs.Select(log => new WalClient(log, TimeSpan.FromMinutes(2)).GetInfoAsync());
        Task.WhenAll(opened).GetAwaiter().GetResult();

        var payload = Payloads.Of(ManyLogs.RecordBytes);
        var load = new Load(context, id => new Append(payload, id));
        var syncsBefore = 0L;
        load.Run(system, logs, writers, window: 1, onWarm: () => syncsBefore = files.LogSyncs);
        var syncs = files.LogSyncs - syncsBefore;
        Figure[] figures =
        [
            load.Rate, .. load.Latencies.Figures(), new(Metrics.Syncs, syncs / load.ElapsedSeconds),
            new(Metrics.Memory, ProcessMemory.ResidentMebiBytes),
            new(Metrics.ThreadCount, Process.GetCurrentProcess().Threads.Count),
            new(Metrics.OpenFiles, Directory.GetFileSystemEntries("/proc/self/fd").Length),
        ];
        foreach (var (metric, value) in figures)
            Console.Out.WriteLine($"{metric} {value.ToString("0.###", CultureInfo.InvariantCulture)}");
        system.Terminate().GetAwaiter().GetResult();
        return 0;
    }
}
