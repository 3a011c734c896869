using Akka.Actor;

namespace AkkaWal.Protocol;

/// <summary>
/// A request to a <see cref="LogManager"/>. Each request gets exactly one reply, sent to the request's sender: the
/// reply behind the arrow in its summary, or <see cref="RequestFailed"/>. Replies carry the request's id, so that a
/// sender can have many requests under way. A message owns its buffers: they must not be pooled or changed after Tell.
/// </summary>
/// <param name="RequestId">Chosen by the sender and returned in the reply; 0 if the sender does not need it.</param>
public abstract record LogRequest(long RequestId) : IOwedMessage
{
    IActorRef IOwedMessage.AskerOr(IActorRef sender) => sender;

    void IOwedMessage.Refuse(RequestFailed refusal, IActorRef asker, IActorRef self) => asker.Tell(refusal, self);
}

/// <summary>The base of all replies; see <see cref="LogRequest"/>.</summary>
/// <param name="RequestId">The id of the request that it answers.</param>
public abstract record LogReply(long RequestId);
