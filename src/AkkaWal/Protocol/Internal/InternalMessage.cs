using Akka.Actor;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// A message between a log's own actors. It never leaves the process and may carry what only exists there: open files,
/// lists that change hands, exceptions. Everything else that an actor of the log is told or answers is a
/// <see cref="LogRequest"/> or a <see cref="LogReply"/>. Nobody waits for an answer to it, unless it is an
/// <see cref="OwedMessage"/>.
/// </summary>
internal abstract record InternalMessage : ILogMessage, INoSerializationVerificationNeeded;

/// <summary>An internal message on behalf of a request: whoever holds it last answers the asker, once.</summary>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="RequestId">The id that the reply gives back.</param>
internal abstract record OwedMessage(IActorRef Asker, long RequestId) : InternalMessage, IOwedMessage
{
    IActorRef IOwedMessage.AskerOr(IActorRef sender) => Asker;

    void IOwedMessage.Refuse(RequestFailed refusal, IActorRef asker, IActorRef self) => Refuse(refusal, self);

    /// <summary>Answers that the request was not carried out, by whoever holds it last.</summary>
    internal virtual void Refuse(RequestFailed refusal, IActorRef self) => Asker.Tell(refusal, self);
}

/// <summary>A query on its way, with what was found out about it.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
internal abstract record QueryMessage<TQuery>(TQuery Query, IActorRef Asker, long RequestId)
    : OwedMessage(Asker, RequestId) where TQuery : IOwedMessage
{
    internal override void Refuse(RequestFailed refusal, IActorRef self) => Query.Refuse(refusal, Asker, self);
}

/// <summary>What an actor tells itself, for later.</summary>
internal abstract record TickMessage : InternalMessage;

/// <summary>An active segment's own: commit what has been staged by now.</summary>
internal sealed record CommitTick : TickMessage
{
    internal static readonly CommitTick Instance = new();
}

/// <summary>An active segment's own: sync what the policy `interval` left unsynced.</summary>
internal sealed record SyncTick : TickMessage;

/// <summary>An active segment's own: sync the watermark if it moved.</summary>
internal sealed record WatermarkTick : TickMessage;

/// <summary>An active segment's own: answer those whose wait for a record has lasted as long as they wanted.</summary>
internal sealed record WaitTick : TickMessage;

/// <summary>The manager's own: let go of idle segments.</summary>
internal sealed record IdleTick : TickMessage;

/// <summary>The manager's own: look what retention asks for.</summary>
internal sealed record RetentionTick : TickMessage;
