using Akka.Configuration;

namespace AkkaWal.Tests;

/// <summary>
/// The configuration that every actor spec runs with. Each message that is told is turned into bytes and back by the
/// serializer that is bound to its type, unless it is marked as never leaving the process; a type without a binding is
/// an error. So are the arguments of an actor that may be deployed to another node.
/// </summary>
internal static class SerializationChecks
{
    /// <summary>
    /// Akka.NET binds its own messages in Akka.Remote alone. Specs tell each other texts and references.
    /// </summary>
    internal const string Hocon = """
        akka.actor {
          serialize-messages = on
          serialize-creators = on
          serialization-settings.allow-unregistered-types = false
          serialization-bindings {
            "Akka.Actor.IAutoReceivedMessage, Akka" = json
            "Akka.Actor.ActorIdentity, Akka" = json
            "Akka.Dispatch.SysMsg.StopChild, Akka" = json
            "Akka.Actor.ReceiveTimeout, Akka" = json
            "Akka.Actor.IActorRef, Akka" = json
            "System.String" = json
          }
        }
        """;

    internal static Config On { get; } = ConfigurationFactory.ParseString(Hocon);
}
