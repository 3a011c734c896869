using System.Globalization;

namespace AkkaWal.Cluster.Tests.Processes.Running;

/// <summary>
/// Specs with nodes as processes. They run one at a time, with no other spec beside them: a node that gets no processor
/// time for seconds is removed from its cluster.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NodeProcesses
{
    public const string Name = "processes";

    /// <summary>
    /// How many rounds a spec has: AKKAWAL_CLUSTER_ROUNDS, or one. See docs/TESTING.md.
    /// </summary>
    internal static int Rounds => int.TryParse(
        Environment.GetEnvironmentVariable("AKKAWAL_CLUSTER_ROUNDS"), CultureInfo.InvariantCulture, out var rounds)
            ? Math.Max(1, rounds) : 1;
}
