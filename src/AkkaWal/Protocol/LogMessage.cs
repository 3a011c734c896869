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

/// <summary>The request failed.</summary>
/// <param name="Kind">Whether the request did not happen, or its outcome is unknown.</param>
/// <param name="Reason">The reason, for operators: what is wrong, where, and what is allowed.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RequestFailed(FailureKind Kind, string Reason, long RequestId) : LogReply(RequestId)
{
    /// <summary>
    /// If an append's <see cref="Append.ExpectedOffset"/> was not the next offset: the next offset. All records below
    /// it are in the log, and as durable as the flush policy promises. Null for any other failure.
    /// </summary>
    public long? NextOffset { get; init; }
}

/// <summary>Why a request failed, and what its sender may conclude.</summary>
public enum FailureKind
{
    /// <summary>
    /// Definitely did not happen. It may work later or after an operator's help: too much is pending, or the log is
    /// damaged or latched.
    /// </summary>
    Unavailable,

    /// <summary>Definitely did not happen: the request itself exceeds a limit.</summary>
    Invalid,

    /// <summary>The outcome is unknown.</summary>
    OutcomeUnknown,

    /// <summary>Definitely did not happen: for instance, the disk is full.</summary>
    Aborted,

    /// <summary>The log does not hold that offset or segment; the reason gives what it does hold.</summary>
    NotFound,

    /// <summary>
    /// Definitely did not happen. The segment's state does not allow it: it is the active one, empty, or already as
    /// requested. Or an append expected another offset than the next one.
    /// </summary>
    Precondition,

    /// <summary>
    /// Definitely did not happen: this process does not own the log. Another process has locked its directory or has
    /// taken the log over. It may work later, when that process has released the log and it is opened anew.
    /// </summary>
    NotOwned,
}
