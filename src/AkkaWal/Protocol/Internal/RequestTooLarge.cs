namespace AkkaWal.Protocol.Internal;

/// <summary>
/// What travels in place of a request that does not fit into a message between nodes: it gets its answer all the same.
/// </summary>
/// <param name="Reason">For people.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record RequestTooLarge(string Reason, long RequestId) : LogRequest(RequestId);
