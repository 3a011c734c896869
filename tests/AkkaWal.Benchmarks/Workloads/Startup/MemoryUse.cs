using System.Globalization;
using AkkaWal.Benchmarks.Children;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Benchmarks.Subjects;

namespace AkkaWal.Benchmarks.Workloads.Startup;

/// <summary>
/// The memory of a process that has a log open through the actors, has appended to it and has read all over it.
/// </summary>
internal static class MemoryUse
{
    internal const string Reading = "appends, then reads all over", Appending = "appends alone";

    internal static IReadOnlyList<Figure> Measure(LargeLog log, string mode)
    {
        using var child = Child.Start(MemoryChild.Name, log.Path, mode);
        var line = child.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException(child.StandardError.ReadToEnd());
        child.WaitForExit();
        return [new(Metrics.Memory, double.Parse(line, CultureInfo.InvariantCulture))];
    }
}
