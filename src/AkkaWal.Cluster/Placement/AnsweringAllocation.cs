using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// Another strategy, which moves shards only while all regions answer. If Akka.Cluster.Sharding 1.5.73 begins to move a
/// shard from a region that has just died, it waits until <c>handoff-timeout</c> is over
/// (https://github.com/akkadotnet/akka.net/pull/8865). A node that has just died is not unreachable yet, and shards
/// often move from it: one that has just joined makes the others balance.
/// </summary>
internal sealed class AnsweringAllocation(IShardAllocationStrategy inner) : IActorSystemDependentAllocationStrategy
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private ILoggingAdapter? _log;

    public void Start(ActorSystem system)
    {
        _log = Logging.GetLogger(system, this);
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
        var regions = currentShardAllocations.Keys.ToList();
        var answers = await Task.WhenAll(regions.Select(Answers)).ConfigureAwait(false);
        var silent = Array.IndexOf(answers, false);
        if (silent < 0) return shards;
        // Sharding asks again after rebalance-interval.
        _log?.Warning("no shard is moved, since {0} does not answer", regions[silent]);
        return ImmutableHashSet<string>.Empty;
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
