using Akka.Actor;

namespace AkkaWal.Protocol;

/// <summary>
/// A message to an actor of a log: a <see cref="LogRequest"/> from any sender, or a message from another of the log's
/// own actors.
/// </summary>
internal interface ILogMessage;

/// <summary>
/// A message that needs a reply. The last actor that has it sends the reply to the asker, exactly once.
/// </summary>
internal interface IOwedMessage : ILogMessage
{
    /// <summary>The id in the reply.</summary>
    long RequestId { get; }

    /// <summary>The actor that gets the reply.</summary>
    /// <param name="sender">The message's sender.</param>
    IActorRef AskerOr(IActorRef sender);

    /// <summary>Answers that the request was not carried out.</summary>
    /// <param name="refusal">The reply.</param>
    /// <param name="asker">As <see cref="AskerOr"/>.</param>
    /// <param name="self">The sender of the replies.</param>
    void Refuse(RequestFailed refusal, IActorRef asker, IActorRef self);
}

/// <summary>A read of one record, or of records from an offset on, that a segment can answer.</summary>
internal interface IRecordQuery : IOwedMessage
{
    /// <summary>The offset of the next record to read.</summary>
    long Offset { get; }
}

/// <summary>A request that adds records.</summary>
internal interface IAppend : IOwedMessage
{
    /// <summary>The offset that it expects for its first record; null for any.</summary>
    long? ExpectedOffset { get; }

    /// <summary>The bytes of its frames in the segment. 0 if it has no payloads; such a request is refused.</summary>
    long FrameBytes { get; }
}

/// <summary>A request for an operation on sealed segments.</summary>
internal interface IMaintenanceRequest : IOwedMessage;
