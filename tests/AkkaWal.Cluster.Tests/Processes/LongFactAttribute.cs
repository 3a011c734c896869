namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>A test that takes minutes: only where AKKAWAL_CLUSTER_ROUNDS asks for more than one round.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute() => Skip = NodeProcesses.Rounds > 1
        ? null : "skipped: takes minutes; it runs with AKKAWAL_CLUSTER_ROUNDS=2 or more";
}
