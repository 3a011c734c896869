using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.Requests;

/// <summary>Requests that sharding drops are answered as not having happened.</summary>
public sealed class UndeliveredSpec : ClusterSpec
{
    [Fact]
    public async Task Requests_that_are_dropped_should_be_answered_once_and_those_on_their_way_not_at_all()
    {
        var system = (await Cluster.StartNode()).System;
        using var asker = Inbox.Create(system);
        var gone = system.ActorOf(Props.Empty, "gone");
        await gone.GracefulStop(TestCluster.Patience);
        var elsewhere = ((ExtendedActorSystem)system).Provider.ResolveActorRef(
            $"akka.tcp://{system.Name}@127.0.0.1:1/system/sharding/logs");

        // From the buffer of a shard in hand-over, and to a region or an entity that has stopped.
        system.DeadLetters.Tell(new Dropped(Envelope(1), "hand-off", asker.Receiver, ActorRefs.NoSender), gone);
        gone.Tell(Envelope(2), asker.Receiver);
        gone.Tell(new ShardedRequest(new Append(new byte[1], 3), DateTime.MaxValue), asker.Receiver);
        gone.Tell(new Append(new byte[1], 4), asker.Receiver);
        // A message on its way to another node may have arrived.
        system.DeadLetters.Tell(new DeadLetter(Envelope(5), asker.Receiver, elsewhere));
        // It has no sender, so there is no reply.
        system.DeadLetters.Tell(Envelope(6), ActorRefs.NoSender);
        gone.Tell(Envelope(7), asker.Receiver);

        var ids = new List<long>();
        while (ids.Count < 5)
        {
            var refusal = Assert.IsType<RequestFailed>(asker.Receive(TestCluster.Patience));
            Assert.Equal(FailureKind.Unavailable, refusal.Kind);
            ids.Add(refusal.RequestId);
        }
        Assert.Equal([1, 2, 3, 4, 7], ids.Order());
    }

    private static ShardingEnvelope Envelope(long id) =>
        ShardedWal.Envelope("orders", new Append(new byte[1], id), TestCluster.Patience);
}
