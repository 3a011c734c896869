namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Sent in place of a request that does not fit into a message between nodes, so that the request gets a reply.
/// </summary>
/// <param name="Reason">The reason, for operators.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record RequestTooLarge(string Reason, long RequestId) : LogRequest(RequestId);
