using Akka.Configuration;

namespace AkkaWal.Tests;

/// <summary>
/// The configuration of every actor spec. Each message is serialized and deserialized by the serializer bound to its
/// type, unless it is marked as local; a type without a binding is an error. The same holds for the arguments of an
/// actor that may be deployed to another node.
/// </summary>
internal static class SerializationChecks
{
    /// <summary>Akka.NET binds its own messages only in Akka.Remote. Specs also send strings and references.</summary>
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
