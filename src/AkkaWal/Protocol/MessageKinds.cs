using Akka.Actor;

namespace AkkaWal.Protocol;

/// <summary>
/// What an actor of a log is told: a <see cref="LogRequest"/> from anybody, or a message from another of the log's own
/// actors.
/// </summary>
internal interface ILogMessage;

/// <summary>A message that somebody waits for the answer to: whoever holds it last answers the asker, once.</summary>
internal interface IOwedMessage : ILogMessage
{
    /// <summary>The id that the reply gives back.</summary>
    long RequestId { get; }

    /// <summary>Who gets the reply.</summary>
    /// <param name="sender">The message's sender.</param>
    IActorRef AskerOr(IActorRef sender);

    /// <summary>Answers that the request was not carried out.</summary>
    /// <param name="refusal">The answer.</param>
    /// <param name="asker">As <see cref="AskerOr"/>.</param>
    /// <param name="self">Who answers.</param>
    void Refuse(RequestFailed refusal, IActorRef asker, IActorRef self);
}

/// <summary>A read of one record, or of records from an offset on, that a segment can answer.</summary>
internal interface IRecordQuery : IOwedMessage
{
    /// <summary>The record that must be read next for it.</summary>
    long Offset { get; }
}

/// <summary>A request that adds records.</summary>
internal interface IAppend : IOwedMessage
{
    /// <summary>The offset that it expects for its first record; null where it takes any.</summary>
    long? ExpectedOffset { get; }

    /// <summary>What its frames will take in the segment. 0 where it has no payloads, which is refused.</summary>
    long FrameBytes { get; }
}

/// <summary>A request for an operation on sealed segments.</summary>
internal interface IMaintenanceRequest : IOwedMessage;
