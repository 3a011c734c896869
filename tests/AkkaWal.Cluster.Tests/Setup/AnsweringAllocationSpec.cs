using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaWal.Cluster.Placement;
using AkkaWal.Cluster.Tests.Nodes;

namespace AkkaWal.Cluster.Tests.Setup;

/// <summary>Shards move only while all regions answer.</summary>
public sealed class AnsweringAllocationSpec : IAsyncLifetime
{
    private readonly ActorSystem _system =
        ActorSystem.Create("allocation", "akka { loglevel = OFF, stdout-loglevel = OFF }");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task Shards_should_move_while_all_regions_answer() =>
        Assert.Equal(["7"], await Rebalance(NewRegion(), NewRegion()));

    [Fact]
    public async Task No_shard_should_move_while_a_region_has_stopped()
    {
        var stopped = NewRegion();
        await stopped.GracefulStop(TestCluster.Patience);
        Assert.Empty(await Rebalance(NewRegion(), stopped));
    }

    // As a region on a node to which there is no connection any more.
    [Fact]
    public async Task No_shard_should_move_while_messages_to_a_region_end_as_dead_letters() =>
        Assert.Empty(await Rebalance(NewRegion(), _system.DeadLetters));

    [Fact]
    public async Task No_shard_should_move_while_a_region_gives_no_answer() =>
        Assert.Empty(await Rebalance(NewRegion(), new SilentRegion(_system)));

    [Fact]
    public async Task Shards_should_be_allocated_by_the_other_strategy_which_is_started()
    {
        var inner = new FixedStrategy();
        var strategy = new AnsweringAllocation(inner);
        strategy.Start(_system);
        Assert.Same(_system, inner.StartedIn);
        var requester = NewRegion();
        Assert.Equal(requester, await strategy.AllocateShard(requester, "7", Allocations([])));
    }

    private static Task<IImmutableSet<string>> Rebalance(params IActorRef[] regions) =>
        new AnsweringAllocation(new FixedStrategy()).Rebalance(Allocations(regions), ImmutableHashSet<string>.Empty);

    private static ImmutableDictionary<IActorRef, IImmutableList<string>> Allocations(IActorRef[] regions) =>
        regions.ToImmutableDictionary(region => region, _ => (IImmutableList<string>)ImmutableList<string>.Empty);

    private IActorRef NewRegion() => _system.ActorOf(Props.Create(() => new Region()));

    private sealed class Region : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }

    // As a region on a node that was just killed: messages to it are lost.
    private sealed class SilentRegion(ActorSystem system) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "silent";

        public override IActorRefProvider Provider => ((ExtendedActorSystem)system).Provider;

        protected override void TellInternal(object message, IActorRef sender)
        {
        }
    }

    // Allocates each shard to its requester, and moves one shard.
    private sealed class FixedStrategy : IActorSystemDependentAllocationStrategy
    {
        internal ActorSystem? StartedIn { get; private set; }

        public void Start(ActorSystem system) => StartedIn = system;

        public Task<IActorRef> AllocateShard(
            IActorRef requester, string shardId,
            IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
            Task.FromResult(requester);

        public Task<IImmutableSet<string>> Rebalance(
            IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
            IImmutableSet<string> rebalanceInProgress) =>
            Task.FromResult<IImmutableSet<string>>(ImmutableHashSet.Create("7"));
    }
}
