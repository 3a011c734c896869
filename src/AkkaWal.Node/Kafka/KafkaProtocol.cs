using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Kafka;

/// <summary>What the <see cref="KafkaBroker"/> is told; each request is answered once, with the reply beside it or <see cref="RequestFailed"/>.</summary>
internal abstract record KafkaRequest(long RequestId) : LogRequest(RequestId);

/// <summary>Adds a message to a key's log -> <see cref="Appended"/>, by that log itself.</summary>
internal sealed record SendMessage(string Key, ReadOnlyMemory<byte> Json, long RequestId) : KafkaRequest(RequestId);

/// <summary>Reads messages of each key from an offset on -> <see cref="Polled"/>.</summary>
internal sealed record Poll(IReadOnlyList<KeyOffset> From, long RequestId) : KafkaRequest(RequestId);

/// <summary>The messages of each key that was asked for, in the order in which they were.</summary>
internal sealed record Polled(IReadOnlyList<KeyMessages> Messages, long RequestId) : LogReply(RequestId);

/// <summary>Messages of a key, without a gap.</summary>
internal sealed record KeyMessages(string Key, long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Json);

/// <summary>Moves committed offsets on; never back -> <see cref="OffsetsCommitted"/>, once they are durable.</summary>
internal sealed record CommitOffsets(IReadOnlyList<KeyOffset> Offsets, long RequestId) : KafkaRequest(RequestId);

/// <summary>The offsets are at least where they were asked to be.</summary>
internal sealed record OffsetsCommitted(long RequestId) : LogReply(RequestId);

/// <summary>Asks for committed offsets -> <see cref="CommittedOffsetsListed"/>.</summary>
internal sealed record ListCommittedOffsets(IReadOnlyList<string> Keys, long RequestId) : KafkaRequest(RequestId);

/// <summary>The committed offsets of those keys that have one.</summary>
internal sealed record CommittedOffsetsListed(IReadOnlyList<KeyOffset> Offsets, long RequestId) : LogReply(RequestId);
