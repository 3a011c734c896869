using Akka.Actor;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// A message between a log's own actors. It never leaves the process and may carry what only exists there: open files, lists that change
/// hands, exceptions. Everything else that an actor of the log is told or answers is a <see cref="LogRequest"/> or a <see cref="LogReply"/>.
/// </summary>
internal interface IInternalMessage : INoSerializationVerificationNeeded;

/// <summary>An internal message on behalf of a request: whoever holds it last answers the asker, once.</summary>
internal interface IOwedReply : IInternalMessage
{
    /// <summary>Who gets the reply.</summary>
    IActorRef Asker { get; }

    /// <summary>The id that the reply gives back.</summary>
    long RequestId { get; }
}
