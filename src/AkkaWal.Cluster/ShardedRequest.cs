using AkkaWal.Protocol;

namespace AkkaWal.Cluster;

/// <summary>
/// A request to a sharded log, with a deadline. A request that arrives after its deadline is refused as
/// <see cref="FailureKind.Unavailable"/> and is not carried out: sharding may hold messages back for minutes, and the
/// sender no longer waits then. It travels in Akka's <c>ShardingEnvelope</c>: see <see cref="ShardedWal.Envelope"/>.
/// </summary>
/// <param name="Request">The request; the reply goes to the message's sender.</param>
/// <param name="Deadline">
/// Until when the sender waits, in UTC by the sender's clock. The nodes' clocks should differ by less than a second.
/// </param>
/// <remarks>
/// A log also takes a bare <see cref="LogRequest"/> in an envelope. It has no deadline and may be carried out long
/// after its sender has given up.
/// </remarks>
public sealed record ShardedRequest(LogRequest Request, DateTime Deadline);
