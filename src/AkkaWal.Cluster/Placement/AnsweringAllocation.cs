using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// Another strategy, which moves shards only while all regions answer. Akka.Cluster.Sharding 1.5.73 does not notice in
/// the midst of a hand-over that the region from which the shard moves has died. It waits until
/// <c>handoff-timeout</c> is over (https://github.com/akkadotnet/akka.net/pull/8865). A node that has just died is not
/// unreachable yet, and shards often move from it: one that has just joined makes the others balance.
/// </summary>
internal sealed class AnsweringAllocation(IShardAllocationStrategy inner) : IActorSystemDependentAllocationStrategy
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public void Start(ActorSystem system)
    {
        if (inner is IActorSystemDependentAllocationStrategy dependent) dependent.Start(system);
    }

    public Task<IActorRef> AllocateShard(
        IActorRef requester,
        string shardId,
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
        inner.AllocateShard(requester, shardId, currentShardAllocations);

    public async Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress)
    {
        var shards = await inner.Rebalance(currentShardAllocations, rebalanceInProgress).ConfigureAwait(false);
        if (shards.Count == 0) return shards;
        var answers = await Task.WhenAll(currentShardAllocations.Keys.Select(Answers)).ConfigureAwait(false);
        // Sharding asks again after rebalance-interval.
        return answers.All(answers => answers) ? shards : ImmutableHashSet<string>.Empty;
    }

    private static async Task<bool> Answers(IActorRef region)
    {
        try
        {
            var answer = await region.Ask<ActorIdentity>(new Identify(null), Patience).ConfigureAwait(false);
            // A message that can't be sent to a node is answered at once, by nobody.
            return !answer.Subject.IsNobody();
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }
}
