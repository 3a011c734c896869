using AkkaWal.Storage;

namespace AkkaWal.Protocol;

/// <summary>
/// Reads the record at an offset -> <see cref="RecordRead"/>, <see cref="RecordDamaged"/> or, if a limit is set,
/// <see cref="RecordTooLarge"/>.
/// </summary>
public sealed record Read(long Offset, long RequestId = 0) : LogRequest(RequestId), IRecordQuery
{
    /// <summary>
    /// The largest payload to return, in bytes. For a larger one the reply has only the size. It is for senders that
    /// have many reads under way and little memory.
    /// </summary>
    public int MaxPayloadBytes { get; init; } = int.MaxValue;
}

/// <summary>A record whose bytes match their checksum.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Payload">The record's bytes, owned by the message.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordRead(long Offset, ReadOnlyMemory<byte> Payload, long RequestId) : LogReply(RequestId);

/// <summary>The record was not read, since it is larger than <see cref="Read.MaxPayloadBytes"/>.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="PayloadBytes">The size of its payload, by the index.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordTooLarge(long Offset, int PayloadBytes, long RequestId) : LogReply(RequestId);

/// <summary>The record's bytes do not match their checksum and are not returned.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Reason">The file, the position, what was expected and what was found.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordDamaged(long Offset, string Reason, long RequestId) : LogReply(RequestId);

/// <summary>
/// Reads records from an offset on, across segments -> <see cref="BatchRead"/>. It stops at either limit, at the end of
/// the log, before a gap and before a damaged record. A batch that begins at a damaged record is answered with
/// <see cref="RecordDamaged"/>.
/// </summary>
/// <param name="Offset">
/// The first record to read. The end of the log (its next offset) is allowed and reads nothing.
/// </param>
/// <param name="MaxRecords">The most records, 1 or more. Values above <see cref="MostRecords"/> count as that.</param>
/// <param name="MaxBytes">
/// The most payload bytes, 1 or more. Values above <see cref="MostBytes"/> count as that. The first record may be
/// larger.
/// </param>
/// <param name="RequestId">The request's id.</param>
/// <remarks>
/// A reply may be shorter than its limits allow: if many long batches are read across segments at a time, a batch ends
/// early with the records that it has. Go on at <see cref="BatchRead.NextOffset"/>. A reply without records means the
/// end of the log.
/// </remarks>
public sealed record ReadBatch(long Offset, int MaxRecords = 1000, int MaxBytes = 1 << 20, long RequestId = 0)
    : LogRequest(RequestId)
{
    /// <summary>The most records in one reply, for any request.</summary>
    public const int MostRecords = 100_000;

    /// <summary>The most payload bytes in one reply, apart from its first record, for any request.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>What to do if the record at the offset was deleted: fail, or go on behind the gap.</summary>
    public GapPolicy Gaps { get; init; }
}

/// <summary>Consecutive records.</summary>
/// <param name="FirstOffset">
/// The offset of the first payload. It is the requested offset, or the one behind a gap that was skipped.
/// </param>
/// <param name="Payloads">The records' bytes, owned by the message.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record BatchRead(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId)
    : LogReply(RequestId)
{
    /// <summary>The offset behind the last record, where the next batch begins.</summary>
    public long NextOffset => FirstOffset + Payloads.Count;
}

/// <summary>Asks for a record's position, by the index -> <see cref="RecordLocated"/>.</summary>
public sealed record Locate(long Offset, long RequestId = 0) : LogRequest(RequestId), IRecordQuery;

/// <summary>The position of a record.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="File">The segment's file name.</param>
/// <param name="Position">The position of its frame in the uncompressed file, in bytes.</param>
/// <param name="LengthBytes">Its payload's size.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordLocated(long Offset, string File, long Position, int LengthBytes, long RequestId)
    : LogReply(RequestId);
