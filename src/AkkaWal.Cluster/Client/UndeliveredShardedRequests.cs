using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using AkkaWal.Cluster.Naming;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Client;

/// <summary>
/// Answers requests to sharded logs that no actor of this system took: those that sharding drops during a hand-over,
/// and those to a region or a log that has stopped. They did not happen. One actor serves all regions of a system.
/// </summary>
/// <param name="find">Finds the logs of the region to which an actor belongs; null if it belongs to none.</param>
internal sealed class UndeliveredShardedRequests(Func<IActorRef?, ShardedWal?> find) : UntypedActor
{
    private const string Reason =
        "the request did not reach the log: its shard is on its way to another node, or the connection is broken";

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        if (message is not AllDeadLetters letter) return;
        var (content, sender, recipient) = (letter.Message, letter.Sender, letter.Recipient);
        // A message on its way to another node may have arrived there.
        if (letter is DeadLetter && recipient is not IActorRefScope { IsLocal: true }) return;
        if (content is Dropped dropped)
            (content, sender, recipient) = (dropped.Message, dropped.Sender, dropped.Recipient);
        var request = content switch
        {
            ShardingEnvelope { Message: ShardedRequest inside } => inside.Request,
            ShardingEnvelope { Message: LogRequest inside } => inside,
            ShardedRequest sharded => sharded.Request,
            // AkkaWal's own listener answers bare requests, but not those inside a Dropped.
            LogRequest bare when letter.Message is Dropped => bare,
            _ => null,
        };
        if (request is null || sender.IsNobody() || IsOfSharding(sender)) return;
        var whyInvalid = content is ShardingEnvelope envelope ? LogName.Explain(envelope.EntityId) : null;
        find(recipient)?.Metrics.Refused(whyInvalid is null ? "dropped" : "invalid");
        var refusal = whyInvalid is null
            ? new RequestFailed(FailureKind.Unavailable, Reason, request.RequestId)
            : new RequestFailed(FailureKind.Invalid, whyInvalid, request.RequestId);
        sender.Tell(refusal, Self);
    }

    // For some messages that it drops, sharding names its own actor as the sender. Then the asker is not known.
    private static bool IsOfSharding(IActorRef sender) => sender.Path.Elements is ["system", "sharding", ..];
}
