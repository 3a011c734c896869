using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Kafka.Keys;

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
