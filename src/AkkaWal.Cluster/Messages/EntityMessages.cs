using Akka.Actor;
using Akka.Event;

namespace AkkaWal.Cluster.Messages;

/// <summary>
/// The stop message of a sharded log. The log refuses new requests, answers those that it has, releases its directory
/// and stops. Sharding sends it when a shard moves or a log was idle. It is not sent to other nodes.
/// </summary>
internal sealed record CloseLog : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    internal static readonly CloseLog Instance = new();
}

/// <summary>A message of an entity to itself: ask the log's manager whether it has opened the log.</summary>
internal sealed record ProbeTick : INoSerializationVerificationNeeded
{
    internal static readonly ProbeTick Instance = new();
}

/// <summary>
/// A message of an entity to itself: the time is over in which a log that closes answers the requests that it has.
/// </summary>
internal sealed record DrainTimeout : INoSerializationVerificationNeeded
{
    internal static readonly DrainTimeout Instance = new();
}
