using Akka.Actor;

namespace AkkaWal.Node.Tests.Bridge;

/// <summary>Stands where the log is, and hands each message to a probe as if it had been sent there.</summary>
internal sealed class RelayActor(IActorRef probe) : UntypedActor
{
    protected override void OnReceive(object message) => probe.Forward(message);
}
