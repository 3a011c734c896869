using Akka.Actor;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>Takes the log's place and forwards each message to a probe.</summary>
internal sealed class RelayActor(IActorRef probe) : UntypedActor
{
    protected override void OnReceive(object message) => probe.Forward(message);
}
