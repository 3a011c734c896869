namespace AkkaWal.Cluster.Tests.Nodes;

/// <summary>The base of specs with a cluster in this process.</summary>
public abstract class ClusterSpec : IAsyncLifetime
{
    private protected TestCluster Cluster { get; } = new();

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();
}
