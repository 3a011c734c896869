namespace AkkaWal.Cluster.Tests.Processes.Running;

/// <summary>A test that takes minutes. It runs only if AKKAWAL_CLUSTER_ROUNDS is 2 or more.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute() => Skip = NodeProcesses.Rounds > 1
        ? null : "skipped: takes minutes; it runs with AKKAWAL_CLUSTER_ROUNDS=2 or more";
}
