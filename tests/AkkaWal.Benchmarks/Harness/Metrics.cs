namespace AkkaWal.Benchmarks.Harness;

/// <summary>The names of what is measured, with their units.</summary>
internal static class Metrics
{
    internal const string Rate = "rate", P50 = "p50", P99 = "p99", P999 = "p99.9", Max = "max", Mean = "mean",
        PerSync = "per-sync", Time = "time", Memory = "memory";
    internal const string Syncs = "syncs", ThreadCount = "threads", OpenFiles = "open-files";
    internal const string PerCall = "per-call";
    internal const string Share = "share", Throughput = "throughput", Operations = "operations",
        Allocated = "allocated";

    /// <summary>A metric's unit.</summary>
    internal static string UnitOf(string metric) => metric switch
    {
        Rate or Syncs => "1/s",
        P50 or P99 or P999 or Max or Mean => "us",
        PerSync => "records",
        Time => "ms",
        Memory => "MiB",
        PerCall => "ns",
        Share => "%",
        Throughput => "MiB/s",
        Allocated => "B/record",
        _ => "",
    };

    /// <summary>Whether more of it is better.</summary>
    internal static bool IsMoreBetter(string metric) => metric is Rate or Syncs or PerSync or Throughput or Operations;
}
