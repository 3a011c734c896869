namespace AkkaWal.Protocol;

/// <summary>
/// Adds a record at the end -> <see cref="Appended"/>, once it is as durable as the flush policy promises.
/// </summary>
public sealed record Append(ReadOnlyMemory<byte> Payload, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The record is in the log.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record Appended(long Offset, long RequestId) : LogReply(RequestId);

/// <summary>
/// Adds records at the end, all or none, also after a crash; at least one -> <see cref="BatchAppended"/>.
/// </summary>
public sealed record AppendBatch(IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId = 0)
    : LogRequest(RequestId);

/// <summary>The records are in the log, at offsets without a gap.</summary>
/// <param name="FirstOffset">The first one's offset.</param>
/// <param name="Count">How many they are.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record BatchAppended(long FirstOffset, int Count, long RequestId) : LogReply(RequestId);

/// <summary>Makes everything appended so far durable -> <see cref="LogSynced"/>.</summary>
public sealed record SyncLog(long RequestId = 0) : LogRequest(RequestId);

/// <summary>The log is on the disk up to here.</summary>
/// <param name="DurableOffset">
/// The last offset that is on the disk; one less than the start offset where none is.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogSynced(long DurableOffset, long RequestId) : LogReply(RequestId);
