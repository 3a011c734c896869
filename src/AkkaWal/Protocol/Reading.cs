using AkkaWal.Storage;

namespace AkkaWal.Protocol;

/// <summary>
/// Reads the record at an offset -> <see cref="RecordRead"/>, <see cref="RecordDamaged"/> or, where a limit is set,
/// <see cref="RecordTooLarge"/>.
/// </summary>
public sealed record Read(long Offset, long RequestId = 0) : LogRequest(RequestId), IRecordQuery
{
    /// <summary>
    /// The largest payload that the sender takes now, in bytes: of a larger one it learns the size alone. For a sender
    /// that has many reads under way and little room.
    /// </summary>
    public int MaxPayloadBytes { get; init; } = int.MaxValue;
}

/// <summary>A record whose bytes match their checksum.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Payload">Its bytes, owned by the message.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordRead(long Offset, ReadOnlyMemory<byte> Payload, long RequestId) : LogReply(RequestId);

/// <summary>The record is there, and larger than <see cref="Read.MaxPayloadBytes"/>: it was not read.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="PayloadBytes">How large its payload is by the index.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordTooLarge(long Offset, int PayloadBytes, long RequestId) : LogReply(RequestId);

/// <summary>The record's bytes no longer match their checksum: they are not served.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Reason">Which file, where, what was expected and what was found.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordDamaged(long Offset, string Reason, long RequestId) : LogReply(RequestId);

/// <summary>
/// Reads records from an offset on, across segments -> <see cref="BatchRead"/>. Stops at either limit, at the end,
/// before a gap and before a damaged record, which then answers for itself when it is asked for first.
/// </summary>
/// <param name="Offset">
/// The first record wanted; the end of the log (its next offset) is legal and reads nothing.
/// </param>
/// <param name="MaxRecords">At most so many records, 1 or more; <see cref="MostRecords"/> where it is larger.</param>
/// <param name="MaxBytes">
/// At most so many payload bytes, 1 or more; <see cref="MostBytes"/> where it is larger. The first record comes
/// whatever its size.
/// </param>
/// <param name="RequestId">The request's id.</param>
/// <remarks>
/// A reply may be shorter than its limits allow: where many long batches go from segment to segment at a time, one that
/// is on its way is answered with what it has. Go on at <see cref="BatchRead.NextOffset"/>; a reply without a record is
/// the end.
/// </remarks>
public sealed record ReadBatch(long Offset, int MaxRecords = 1000, int MaxBytes = 1 << 20, long RequestId = 0)
    : LogRequest(RequestId)
{
    /// <summary>The most records that one reply has, whatever was asked for.</summary>
    public const int MostRecords = 100_000;

    /// <summary>The most payload bytes that one reply has, its first record aside, whatever was asked for.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>Where the offset was deleted: whether that is the answer, or the records behind the gap are.</summary>
    public GapPolicy Gaps { get; init; }
}

/// <summary>Records from an offset on, without a gap.</summary>
/// <param name="FirstOffset">
/// The offset asked for, of the first payload where there is one; behind it where a gap was to be skipped.
/// </param>
/// <param name="Payloads">The records' bytes, owned by the message.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record BatchRead(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId)
    : LogReply(RequestId)
{
    /// <summary>Where to go on.</summary>
    public long NextOffset => FirstOffset + Payloads.Count;
}

/// <summary>Asks where the index says that a record is -> <see cref="RecordLocated"/>.</summary>
public sealed record Locate(long Offset, long RequestId = 0) : LogRequest(RequestId), IRecordQuery;

/// <summary>Where a record is.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="File">The segment's file name.</param>
/// <param name="Position">The byte of its frame in the (uncompressed) file.</param>
/// <param name="LengthBytes">Its payload's size.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordLocated(long Offset, string File, long Position, int LengthBytes, long RequestId)
    : LogReply(RequestId);
