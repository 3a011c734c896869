using System.Globalization;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Children;

/// <summary>Opens a log, appends and reads, and prints how many MiB of memory the process then holds.</summary>
internal static class MemoryChild
{
    internal const string Name = "memory";
    private const int Writers = 16, ReadWindow = 64;

    /// <param name="arguments">
    /// The directory; then <c>read</c> to read all over the log, or <c>append</c> to only append.
    /// </param>
    internal static int Run(string[] arguments)
    {
        using var context = new BenchContext(new RunOptions());
        using var log = new ActorLog(context, new WalOptions(), arguments[0]);
        var payload = Payloads.Of(100);
        new Load(context, id => new Append(payload, id)).Run(log.System, log.Log, Writers, window: 1);
        if (arguments[1] == "read")
        {
            var next = new WalClient(log.Log, TimeSpan.FromSeconds(30)).GetInfoAsync()
                .GetAwaiter().GetResult().NextOffset;
            new Load(context, id => new Read(Random.Shared.NextInt64(next), id)).Run(
                log.System, log.Log, 1, ReadWindow);
        }
        GC.Collect();
        Console.Out.WriteLine(ProcessMemory.ResidentMebiBytes.ToString("0.0", CultureInfo.InvariantCulture));
        return 0;
    }
}
