using Akka.Actor;

namespace AkkaWal.Protocol;

/// <summary>
/// What a <see cref="LogManager"/> is told and what it answers. Each request gets exactly one reply, sent to the
/// request's sender: the reply named beside it, or <see cref="RequestFailed"/>. Replies carry the request's id, so that
/// a sender can have many under way. Buffers in a message belong to the message: nobody pools or changes them after
/// Tell.
/// </summary>
/// <param name="RequestId">
/// Chosen by the sender and given back in the reply; 0 where the sender has no need of it.
/// </param>
public abstract record LogRequest(long RequestId) : IOwedMessage
{
    IActorRef IOwedMessage.AskerOr(IActorRef sender) => sender;

    void IOwedMessage.Refuse(RequestFailed refusal, IActorRef asker, IActorRef self) => asker.Tell(refusal, self);
}

/// <summary>What every reply is; see <see cref="LogRequest"/>.</summary>
/// <param name="RequestId">The id of the request that it answers.</param>
public abstract record LogReply(long RequestId);
