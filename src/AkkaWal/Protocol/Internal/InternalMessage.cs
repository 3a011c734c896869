using Akka.Actor;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// A message between a log's own actors. It never leaves the process and may carry what exists only there: open files,
/// lists that change owners, exceptions. All other messages to and from the log's actors are a <see cref="LogRequest"/>
/// or a <see cref="LogReply"/>. It needs no reply, unless it is an <see cref="OwedMessage"/>.
/// </summary>
internal abstract record InternalMessage : ILogMessage, INoSerializationVerificationNeeded;

/// <summary>
/// An internal message that stands for a request. The last actor that has it sends the reply, exactly once.
/// </summary>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="RequestId">The id in the reply.</param>
internal abstract record OwedMessage(IActorRef Asker, long RequestId) : InternalMessage, IOwedMessage
{
    IActorRef IOwedMessage.AskerOr(IActorRef sender) => Asker;

    void IOwedMessage.Refuse(RequestFailed refusal, IActorRef asker, IActorRef self) => Refuse(refusal, self);

    /// <summary>Answers that the request was not carried out.</summary>
    internal virtual void Refuse(RequestFailed refusal, IActorRef self) => Asker.Tell(refusal, self);
}

/// <summary>A query that is forwarded with what is known about it.</summary>
/// <param name="Query">The request.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
internal abstract record QueryMessage<TQuery>(TQuery Query, IActorRef Asker, long RequestId)
    : OwedMessage(Asker, RequestId) where TQuery : IOwedMessage
{
    internal override void Refuse(RequestFailed refusal, IActorRef self) => Query.Refuse(refusal, Asker, self);
}

/// <summary>A message that an actor sends itself, for instance by a timer.</summary>
internal abstract record TickMessage : InternalMessage;

/// <summary>To the active segment itself: commit what is staged now.</summary>
internal sealed record CommitTick : TickMessage
{
    internal static readonly CommitTick Instance = new();
}

/// <summary>To the active segment itself: sync what the `interval` policy left unsynced.</summary>
internal sealed record SyncTick : TickMessage;

/// <summary>To the active segment itself: sync the watermark if it has moved.</summary>
internal sealed record WatermarkTick : TickMessage;

/// <summary>To the active segment itself: answer the waits for a record whose time is up.</summary>
internal sealed record WaitTick : TickMessage;

/// <summary>To the manager itself: stop the actors of idle segments.</summary>
internal sealed record IdleTick : TickMessage;

/// <summary>To the manager itself: check the retention policy.</summary>
internal sealed record RetentionTick : TickMessage;
