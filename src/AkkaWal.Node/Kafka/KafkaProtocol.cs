using Akka.Actor;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// What the <see cref="KafkaBroker"/> is told; each request is answered once, with the reply beside it or
/// <see cref="RequestFailed"/>.
/// </summary>
internal abstract record KafkaRequest(long RequestId)
    : LogRequest(RequestId), INoSerializationVerificationNeeded;

/// <summary>Adds a message to a key's log -> <see cref="Appended"/>, by that log itself.</summary>
internal sealed record SendMessage(string Key, ReadOnlyMemory<byte> Json, long RequestId) : KafkaRequest(RequestId);

/// <summary>Reads messages of each key from an offset on -> <see cref="Polled"/>.</summary>
internal sealed record Poll(IReadOnlyList<KeyOffset> From, long RequestId) : KafkaRequest(RequestId);

/// <summary>The messages of each key that was asked for, in the order in which they were.</summary>
internal sealed record Polled(IReadOnlyList<KeyMessages> Messages, long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>Messages of a key, without a gap.</summary>
/// <param name="Key">The key.</param>
/// <param name="FirstOffset">The first message's offset: behind the one asked for where that was deleted.</param>
/// <param name="Json">The messages.</param>
internal sealed record KeyMessages(string Key, long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Json);

/// <summary>Moves committed offsets on; never back -> <see cref="OffsetsCommitted"/>, once they are durable.</summary>
internal sealed record CommitOffsets(IReadOnlyList<KeyOffset> Offsets, long RequestId) : KafkaRequest(RequestId);

/// <summary>The offsets are at least where they were asked to be.</summary>
internal sealed record OffsetsCommitted(long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>Asks for committed offsets -> <see cref="CommittedOffsetsListed"/>.</summary>
internal sealed record ListCommittedOffsets(IReadOnlyList<string> Keys, long RequestId) : KafkaRequest(RequestId);

/// <summary>The committed offsets of those keys that have one.</summary>
internal sealed record CommittedOffsetsListed(IReadOnlyList<KeyOffset> Offsets, long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>
/// Broker to <see cref="ClosedLogReader"/>: read a key whose log is not open -> <see cref="ClosedRead"/>, or
/// <see cref="OpeningNeeded"/>.
/// </summary>
/// <param name="Folder">The log's folder, relative to that of the broker.</param>
/// <param name="Offset">The first message wanted; what was deleted is passed over.</param>
/// <param name="MaxRecords">At most so many messages.</param>
/// <param name="MaxBytes">At most so many bytes; the first message comes whatever its size.</param>
/// <param name="RequestId">Given back in the reply.</param>
internal sealed record ReadClosed(string Folder, long Offset, int MaxRecords, int MaxBytes, long RequestId)
    : LogRequest(RequestId), INoSerializationVerificationNeeded;

/// <summary>Messages of a log that is not open.</summary>
/// <param name="FirstOffset">The first one's offset.</param>
/// <param name="Payloads">The messages, without a gap.</param>
/// <param name="EndOffset">The log's end: 0 where there is no log.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record ClosedRead(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long EndOffset,
    long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>Only whoever opens the log can tell what may be read of it: it was not closed cleanly, say, or is
/// damaged.</summary>
internal sealed record OpeningNeeded(long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;
