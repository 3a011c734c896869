using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Cluster;

namespace AkkaWal.Cluster.Client;

/// <summary>
/// Tells the clients of this node that the cluster has removed a node. What was sent to that node and has no reply gets
/// none any more, so a client need not wait for the end of its try. For any number of threads.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation without a timer has nothing to release.")]
internal sealed class NodeRemovals
{
    private CancellationTokenSource _next = new();

    /// <summary>Is cancelled soon after the next removal of a node.</summary>
    internal CancellationToken Next => Volatile.Read(ref _next).Token;

    /// <summary>Cancels the token of all who wait now.</summary>
    internal void Tell() => Interlocked.Exchange(ref _next, new CancellationTokenSource()).Cancel();

    /// <summary>The removals of nodes from the cluster of an actor system. Call it once for a system.</summary>
    internal static NodeRemovals Of(ExtendedActorSystem system)
    {
        var removals = new NodeRemovals();
        system.SystemActorOf(
            Props.Create(() => new Listener(removals)).WithDeploy(Deploy.Local), "akka-wal-sharded-removals");
        return removals;
    }

    private sealed class Listener(NodeRemovals removals) : UntypedActor, IWithTimers
    {
        // A region learns of the removal at about the same time. Before that it would send requests to the removed
        // node again.
        private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

        private static readonly object Tick = new();

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Akka.Cluster.Cluster.Get(Context.System).Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));

        protected override void PostStop() => Akka.Cluster.Cluster.Get(Context.System).Unsubscribe(Self);

        protected override void OnReceive(object message)
        {
            if (message is ClusterEvent.MemberRemoved) Timers.StartSingleTimer(nameof(Tick), Tick, Delay);
            else if (message == Tick) removals.Tell();
            else Unhandled(message);
        }
    }
}
