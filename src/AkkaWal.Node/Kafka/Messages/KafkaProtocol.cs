using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Kafka.Messages;

/// <summary>
/// The requests to the <see cref="KafkaBroker"/>. Each is answered once, with the reply named beside it or
/// <see cref="RequestFailed"/>.
/// </summary>
internal abstract record KafkaRequest(long RequestId)
    : LogRequest(RequestId), INoSerializationVerificationNeeded;

/// <summary>Adds a message to a key's log -> <see cref="Appended"/>, sent by the log itself.</summary>
internal sealed record SendMessage(string Key, ReadOnlyMemory<byte> Json, long RequestId) : KafkaRequest(RequestId);

/// <summary>Reads messages of each key from an offset on -> <see cref="Polled"/>.</summary>
internal sealed record Poll(IReadOnlyList<KeyOffset> From, long RequestId) : KafkaRequest(RequestId);

/// <summary>The messages of each key of the poll, in the order of the poll.</summary>
internal sealed record Polled(IReadOnlyList<KeyMessages> Messages, long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>Consecutive messages of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="FirstOffset">The offset of the first message; higher than the one asked for where that was
/// deleted.</param>
/// <param name="Json">The messages.</param>
internal sealed record KeyMessages(string Key, long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Json);

/// <summary>Raises committed offsets, never lowers one -> <see cref="OffsetsCommitted"/>, once durable.</summary>
internal sealed record CommitOffsets(IReadOnlyList<KeyOffset> Offsets, long RequestId) : KafkaRequest(RequestId);

/// <summary>The committed offsets are at least those of the request.</summary>
internal sealed record OffsetsCommitted(long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>Asks for committed offsets -> <see cref="CommittedOffsetsListed"/>.</summary>
internal sealed record ListCommittedOffsets(IReadOnlyList<string> Keys, long RequestId) : KafkaRequest(RequestId);

/// <summary>The committed offsets of those keys that have one.</summary>
internal sealed record CommittedOffsetsListed(IReadOnlyList<KeyOffset> Offsets, long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;
