using System.Globalization;

namespace AkkaWal.Benchmarks.Children;

/// <summary>What the kernel says of a process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>What this process holds now.</summary>
    internal static double ResidentMebiBytes => Read("self", "VmRSS:");

    /// <summary>The most that a process, which still runs, has held so far.</summary>
    internal static double PeakMebiBytesOf(int processId) =>
        Read(processId.ToString(CultureInfo.InvariantCulture), "VmHWM:");

    private static double Read(string process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
