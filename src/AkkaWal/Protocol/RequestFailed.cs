namespace AkkaWal.Protocol;

/// <summary>The request did not do what was asked.</summary>
/// <param name="Kind">Tells "did not happen" from "cannot know".</param>
/// <param name="Reason">For people: what, where, what is allowed.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RequestFailed(FailureKind Kind, string Reason, long RequestId) : LogReply(RequestId)
{
    /// <summary>
    /// Where an append's <see cref="Append.ExpectedOffset"/> was not the next one: the next one. What lies below it is
    /// in the log, and as durable as the flush policy promises. Null for any other failure.
    /// </summary>
    public long? NextOffset { get; init; }
}

/// <summary>Why a request failed, and so what its sender may conclude.</summary>
public enum FailureKind
{
    /// <summary>
    /// Definitely did not happen and may work later or after an operator's help: too much pending, damaged, latched.
    /// </summary>
    Unavailable,

    /// <summary>Definitely did not happen: the request itself is out of its limits.</summary>
    Invalid,

    /// <summary>Whether it happened is not known.</summary>
    OutcomeUnknown,

    /// <summary>Definitely did not happen: no room on the disk, say.</summary>
    Aborted,

    /// <summary>The log does not hold that offset or segment; the reason gives what it does hold.</summary>
    NotFound,

    /// <summary>
    /// Definitely did not happen. The segment is not in a state for it: it is the active one, empty, or already as
    /// asked. Or an append expected another offset than the next one.
    /// </summary>
    Precondition,

    /// <summary>
    /// Definitely did not happen: this process does not own the log. Another one has locked its directory, or has taken
    /// the log over. It may work later, when that process has let go, and the log is opened anew.
    /// </summary>
    NotOwned,
}
