using Akka.Actor;
using Akka.Coordination;

namespace AkkaWal.Cluster.Leases;

/// <summary>
/// The lease of a shard. It uses the lease that the user has chosen, and notes each loss for the logs of the shard
/// before sharding is told.
/// </summary>
internal sealed class GuardedLease : Lease
{
    private readonly Lease _inner;
    private readonly ShardLease _lease;

    /// <summary>Called by Akka.Coordination, from the configuration that <c>WithShardedWal</c> adds.</summary>
    public GuardedLease(LeaseSettings settings, ExtendedActorSystem system) : base(settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var leases = ShardLeases.Get(system);
        var path = leases.InnerPathOf(settings.LeaseConfig.GetString("region"));
        _inner = LeaseProvider.Get(system).GetLease(settings.LeaseName, path, settings.OwnerName);
        _lease = new ShardLease(_inner);
        leases.Add(settings.LeaseName, _lease);
    }

    /// <inheritdoc/>
    public override Task<bool> Acquire() => _inner.Acquire();

    /// <inheritdoc/>
    public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => _inner.Acquire(reason =>
    {
        _lease.Lose();
        leaseLostCallback(reason);
    });

    /// <inheritdoc/>
    public override Task<bool> Release()
    {
        _lease.Lose();
        return _inner.Release();
    }

    /// <inheritdoc/>
    public override bool CheckLease() => _inner.CheckLease();
}
