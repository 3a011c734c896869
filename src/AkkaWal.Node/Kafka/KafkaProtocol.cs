using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Kafka;

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

/// <summary>
/// From the broker to <see cref="ClosedLogReader"/>: read a key whose log is not open -> <see cref="ClosedRead"/>, or
/// <see cref="OpeningNeeded"/>.
/// </summary>
/// <param name="Folder">The log's folder, relative to the broker's folder.</param>
/// <param name="Offset">The offset of the first message. Deleted messages are skipped.</param>
/// <param name="MaxRecords">The most messages to read.</param>
/// <param name="MaxBytes">The most bytes to read. The first message comes whatever its size.</param>
/// <param name="RequestId">The id of the reply.</param>
internal sealed record ReadClosed(string Folder, long Offset, int MaxRecords, int MaxBytes, long RequestId)
    : LogRequest(RequestId), INoSerializationVerificationNeeded;

/// <summary>Messages of a log that is not open.</summary>
/// <param name="FirstOffset">The offset of the first message.</param>
/// <param name="Payloads">The messages, with consecutive offsets.</param>
/// <param name="EndOffset">The log's end: 0 where there is no log.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record ClosedRead(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long EndOffset,
    long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;

/// <summary>
/// The log must be opened to tell what may be read of it: it was not closed cleanly, is damaged, or has a writer.
/// </summary>
internal sealed record OpeningNeeded(long RequestId)
    : LogReply(RequestId), INoSerializationVerificationNeeded;
