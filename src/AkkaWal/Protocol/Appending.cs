using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol;

/// <summary>Appends a record -> <see cref="Appended"/>, once it is as durable as the flush policy promises.</summary>
public sealed record Append(ReadOnlyMemory<byte> Payload, long RequestId = 0) : LogRequest(RequestId), IAppend
{
    /// <summary>
    /// The offset that the record must get, 0 or more; null for any. If it is not the next offset, the reply is a
    /// <see cref="FailureKind.Precondition"/> with the <see cref="RequestFailed.NextOffset"/>, and nothing was
    /// appended. All requests that the log received earlier count, also while a segment rolls.
    /// </summary>
    /// <remarks>
    /// A writer that does not know whether its append happened sends it again with the same offset: it is never in the
    /// log twice. If the refusal has a higher next offset, there is a record at the expected one. Read it: if it is the
    /// writer's own, the append happened; otherwise another writer was first. If writers may send the same bytes, put
    /// the writer's identity into the payload.
    /// </remarks>
    public long? ExpectedOffset { get; init; }

    long IAppend.FrameBytes => Frame.SizeOf(Payload.Length);
}

/// <summary>The record is in the log.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record Appended(long Offset, long RequestId) : LogReply(RequestId);

/// <summary>Appends one or more records, all or none, also after a crash -> <see cref="BatchAppended"/>.</summary>
public sealed record AppendBatch(IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId = 0)
    : LogRequest(RequestId), IAppend
{
    /// <summary>The offset that the first record must get, as in <see cref="Append.ExpectedOffset"/>.</summary>
    public long? ExpectedOffset { get; init; }

    long IAppend.FrameBytes => Payloads is null ? 0 : BatchLimits.SizeOf(Payloads);
}

/// <summary>The records are in the log, at consecutive offsets.</summary>
/// <param name="FirstOffset">The first one's offset.</param>
/// <param name="Count">The number of records.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record BatchAppended(long FirstOffset, int Count, long RequestId) : LogReply(RequestId);

/// <summary>Makes everything appended so far durable -> <see cref="LogSynced"/>.</summary>
public sealed record SyncLog(long RequestId = 0) : LogRequest(RequestId);

/// <summary>The log is on the disk up to an offset.</summary>
/// <param name="DurableOffset">
/// The last offset that is on the disk; one less than the start offset if there is none.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogSynced(long DurableOffset, long RequestId) : LogReply(RequestId);
