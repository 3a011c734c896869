using System.Globalization;

namespace AkkaWal.Benchmarks.Children;

/// <summary>The resident memory of a process, as the kernel reports it.</summary>
internal static class ProcessMemory
{
    /// <summary>That of this process, now.</summary>
    internal static double ResidentMebiBytes => Read("self", "VmRSS:");

    /// <summary>The most that a process has held so far. It must still run.</summary>
    internal static double PeakMebiBytesOf(int processId) =>
        Read(processId.ToString(CultureInfo.InvariantCulture), "VmHWM:");

    private static double Read(string process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
