using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol;

/// <summary>
/// Adds a record at the end -> <see cref="Appended"/>, once it is as durable as the flush policy promises.
/// </summary>
public sealed record Append(ReadOnlyMemory<byte> Payload, long RequestId = 0) : LogRequest(RequestId), IAppend
{
    /// <summary>
    /// The offset that the record is to get, 0 or more; null for whatever comes next. Where it is not the next one, the
    /// reply is a <see cref="FailureKind.Precondition"/> with the <see cref="RequestFailed.NextOffset"/>, and nothing
    /// was appended. It is compared with everything that was told to the log before, also while a segment rolls.
    /// </summary>
    /// <remarks>
    /// A writer that does not know whether its append happened sends it again with the same offset: it is never in the
    /// log twice. Where the refusal tells a higher next offset, a record is at the expected one. Read it: if it is the
    /// writer's own, the append happened; otherwise another writer was first. Where writers may send the same bytes,
    /// put something into the payload that tells whose it is.
    /// </remarks>
    public long? ExpectedOffset { get; init; }

    long IAppend.FrameBytes => Frame.SizeOf(Payload.Length);
}

/// <summary>The record is in the log.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record Appended(long Offset, long RequestId) : LogReply(RequestId);

/// <summary>
/// Adds records at the end, all or none, also after a crash; at least one -> <see cref="BatchAppended"/>.
/// </summary>
public sealed record AppendBatch(IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId = 0)
    : LogRequest(RequestId), IAppend
{
    /// <summary>The offset that the first record is to get, as <see cref="Append.ExpectedOffset"/>.</summary>
    public long? ExpectedOffset { get; init; }

    long IAppend.FrameBytes => Payloads is null ? 0 : BatchLimits.SizeOf(Payloads);
}

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
