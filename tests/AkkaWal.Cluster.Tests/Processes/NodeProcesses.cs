using System.Globalization;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>
/// Specs with nodes as processes: one at a time, beside nothing else. A node whose processor is taken away for
/// seconds is removed from its cluster, as it should be.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NodeProcesses
{
    public const string Name = "processes";

    /// <summary>
    /// How often a spec does what it is about; more with AKKAWAL_CLUSTER_ROUNDS, see docs/TESTING.md.
    /// </summary>
    internal static int Rounds => int.TryParse(
        Environment.GetEnvironmentVariable("AKKAWAL_CLUSTER_ROUNDS"), CultureInfo.InvariantCulture, out var rounds)
            ? Math.Max(1, rounds) : 1;
}
