using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// Keeps each shard on the node to which it belongs. While that node is away, the shard is on no node: sharding asks
/// again later, and the other shards go on.
/// </summary>
internal sealed class PinnedAllocation(Akka.Cluster.Cluster cluster, NodeMap nodes) : IShardAllocationStrategy
{
    private static readonly Task<IImmutableSet<string>> Nothing =
        Task.FromResult<IImmutableSet<string>>(ImmutableHashSet<string>.Empty);

    public Task<IActorRef> AllocateShard(
        IActorRef requester,
        string shardId,
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        var role = nodes.RoleOf(int.Parse(shardId, CultureInfo.InvariantCulture));
        var node = NodeMap.Find(cluster.State, role);
        var region = node is null
            ? null
            : currentShardAllocations.Keys.FirstOrDefault(one => AddressOf(one).Equals(node));
        return Task.FromResult(region ?? ActorRefs.Nobody);
    }

    public Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress) => Nothing;

    // The reference of the region on the coordinator's own node has no address.
    private Address AddressOf(IActorRef region) =>
        region.Path.Address.HasGlobalScope ? region.Path.Address : cluster.SelfAddress;
}
