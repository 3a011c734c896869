using Akka.Actor;
using Akka.Event;

namespace AkkaWal.Cluster.Messages;

/// <summary>
/// The stop message of a sharded log. The log takes nothing more, answers what it has taken, releases its directory and
/// stops. Sharding sends it when a shard moves or a log was idle. It stays on its node.
/// </summary>
internal sealed record CloseLog : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    internal static readonly CloseLog Instance = new();
}

/// <summary>A message of an entity to itself: look again whether the log could be opened.</summary>
internal sealed record ProbeTick : INoSerializationVerificationNeeded
{
    internal static readonly ProbeTick Instance = new();
}

/// <summary>A message of an entity to itself: the log did not answer in time what it had taken.</summary>
internal sealed record DrainTimeout : INoSerializationVerificationNeeded
{
    internal static readonly DrainTimeout Instance = new();
}
