using AkkaWal.Protocol;

namespace AkkaWal.Cluster;

/// <summary>
/// A request to a sharded log with the time until which its sender waits. It travels in Akka's own
/// <c>ShardingEnvelope</c>, see <see cref="ShardedWal.Envelope"/>. What arrives later is refused as
/// <see cref="FailureKind.Unavailable"/>, and not carried out: sharding may hold messages back for minutes.
/// </summary>
/// <param name="Request">The request; the reply goes to the message's sender.</param>
/// <param name="Deadline">
/// The end of the wait, in UTC by the sender's clock. Clocks of the nodes should differ by less than a second.
/// </param>
/// <remarks>
/// A log also takes a bare <see cref="LogRequest"/> in an envelope. That has no deadline, and may be carried out long
/// after its sender has given up.
/// </remarks>
public sealed record ShardedRequest(LogRequest Request, DateTime Deadline);
