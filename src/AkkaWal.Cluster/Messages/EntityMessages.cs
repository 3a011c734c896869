using Akka.Actor;
using Akka.Event;

namespace AkkaWal.Cluster.Messages;

/// <summary>
/// The stop message of a sharded log: take nothing more, answer what was taken, release the directory, stop. Sharding
/// sends it where a shard moves or a log has been idle. It never leaves the node.
/// </summary>
internal sealed record CloseLog : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    internal static readonly CloseLog Instance = new();
}

/// <summary>An entity's own: look again whether the log could be opened.</summary>
internal sealed record ProbeTick : INoSerializationVerificationNeeded
{
    internal static readonly ProbeTick Instance = new();
}

/// <summary>An entity's own: the log has taken too long to answer what it took.</summary>
internal sealed record DrainTimeout : INoSerializationVerificationNeeded
{
    internal static readonly DrainTimeout Instance = new();
}
