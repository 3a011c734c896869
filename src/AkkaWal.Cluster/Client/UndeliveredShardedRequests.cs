using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using AkkaWal.Cluster.Naming;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Client;

/// <summary>
/// Answers requests to sharded logs that no actor of this system took: those that sharding drops while a shard is
/// handed over, and those to a region or a log that has stopped. They definitely did not happen. One for all regions of
/// a system.
/// </summary>
internal sealed class UndeliveredShardedRequests : UntypedActor
{
    private const string Reason =
        "the request did not reach the log: its shard is on its way to another node, or the connection is broken";

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        if (message is not AllDeadLetters letter) return;
        var (content, sender) = (letter.Message, letter.Sender);
        // What was on its way to another node may have arrived there.
        if (letter is DeadLetter && letter.Recipient is not IActorRefScope { IsLocal: true }) return;
        if (content is Dropped dropped) (content, sender) = (dropped.Message, dropped.Sender);
        var request = content switch
        {
            ShardingEnvelope { Message: ShardedRequest inside } => inside.Request,
            ShardingEnvelope { Message: LogRequest inside } => inside,
            ShardedRequest sharded => sharded.Request,
            // Those to a manager are answered by the listener of all logs, which does not look into Dropped.
            LogRequest bare when letter.Message is Dropped => bare,
            _ => null,
        };
        if (request is null || sender.IsNobody() || IsOfSharding(sender)) return;
        var refusal = content is ShardingEnvelope envelope && LogName.Explain(envelope.EntityId) is { } why
            ? new RequestFailed(FailureKind.Invalid, why, request.RequestId)
            : new RequestFailed(FailureKind.Unavailable, Reason, request.RequestId);
        sender.Tell(refusal, Self);
    }

    // Of some messages that it drops, sharding names itself as the sender. Then nobody knows who waits.
    private static bool IsOfSharding(IActorRef sender) => sender.Path.Elements is ["system", "sharding", ..];
}
