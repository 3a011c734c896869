using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>
/// What a <see cref="LogManager"/> is told and what it answers. Each request gets exactly one reply, sent to the
/// request's sender: the reply named beside it, or <see cref="RequestFailed"/>. Replies carry the request's id, so that a
/// sender can have many under way. Buffers in a message belong to the message: nobody pools or changes them after Tell.
/// </summary>
/// <param name="RequestId">Chosen by the sender and given back in the reply; 0 where the sender has no need of it.</param>
public abstract record LogRequest(long RequestId);

/// <summary>What every reply is; see <see cref="LogRequest"/>.</summary>
/// <param name="RequestId">The id of the request that it answers.</param>
public abstract record LogReply(long RequestId);

/// <summary>Adds a record at the end -> <see cref="Appended"/>, once it is as durable as the flush policy promises.</summary>
public sealed record Append(ReadOnlyMemory<byte> Payload, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The record is in the log.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record Appended(long Offset, long RequestId) : LogReply(RequestId);

/// <summary>Adds records at the end, all or none, also after a crash; at least one -> <see cref="BatchAppended"/>.</summary>
public sealed record AppendBatch(IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The records are in the log, at offsets without a gap.</summary>
/// <param name="FirstOffset">The first one's offset.</param>
/// <param name="Count">How many they are.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record BatchAppended(long FirstOffset, int Count, long RequestId) : LogReply(RequestId);

/// <summary>
/// Reads the record at an offset -> <see cref="RecordRead"/>, <see cref="RecordDamaged"/> or, where a limit is set,
/// <see cref="RecordTooLarge"/>.
/// </summary>
public sealed record Read(long Offset, long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>
    /// The largest payload that the sender takes now, in bytes: of a larger one it learns the size alone. For a sender that has many
    /// reads under way and little room.
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
/// Reads records from an offset on, across segments -> <see cref="BatchRead"/>. Stops at either limit, at the end, before a gap and
/// before a damaged record, which then answers for itself when it is asked for first.
/// </summary>
/// <param name="Offset">The first record wanted; the end of the log (its next offset) is legal and reads nothing.</param>
/// <param name="MaxRecords">At most so many records, 1 or more; <see cref="MostRecords"/> where it is larger.</param>
/// <param name="MaxBytes">
/// At most so many payload bytes, 1 or more; <see cref="MostBytes"/> where it is larger. The first record comes whatever its size.
/// </param>
/// <param name="RequestId">The request's id.</param>
/// <remarks>
/// A reply may be shorter than its limits allow: where many long batches go from segment to segment at a time, one that is on its
/// way is answered with what it has. Go on at <see cref="BatchRead.NextOffset"/>; a reply without a record is the end.
/// </remarks>
public sealed record ReadBatch(long Offset, int MaxRecords = 1000, int MaxBytes = 1 << 20, long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>The most records that one reply has, whatever was asked for.</summary>
    public const int MostRecords = 100_000;

    /// <summary>The most payload bytes that one reply has, its first record aside, whatever was asked for.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>Where the offset was deleted: whether that is the answer, or the records behind the gap are.</summary>
    public GapPolicy Gaps { get; init; }
}

/// <summary>Records from an offset on, without a gap.</summary>
/// <param name="FirstOffset">The offset asked for, of the first payload where there is one; behind it where a gap was to be skipped.</param>
/// <param name="Payloads">The records' bytes, owned by the message.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record BatchRead(long FirstOffset, IReadOnlyList<ReadOnlyMemory<byte>> Payloads, long RequestId) : LogReply(RequestId)
{
    /// <summary>Where to go on.</summary>
    public long NextOffset => FirstOffset + Payloads.Count;
}

/// <summary>Asks what the log holds -> <see cref="LogInfo"/>.</summary>
public sealed record GetLogInfo(long RequestId = 0) : LogRequest(RequestId);

/// <summary>What the log holds.</summary>
/// <param name="EntryCount">Records now in it.</param>
/// <param name="TotalBytes">Their bytes, frames included.</param>
/// <param name="IsFullyDurable">Whether all of them are on the disk.</param>
/// <param name="StartOffset">The lowest offset that it may hold.</param>
/// <param name="NextOffset">The offset that the next record gets.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogInfo(long EntryCount, long TotalBytes, bool IsFullyDurable, long StartOffset, long NextOffset, long RequestId)
    : LogReply(RequestId)
{
    /// <summary>Why it takes no appends until it is opened anew or repaired; "" where it takes them.</summary>
    public string ReadOnlyReason { get; init; } = "";

    /// <summary>
    /// Which file is damaged, missing, not the log's own or newer, so that the log could not be opened: then the counts
    /// are those of what can be read. "" where it is open.
    /// </summary>
    public string Damage { get; init; } = "";

    /// <summary>What retention could not do at its last try, and tries again; "" where it could do everything.</summary>
    public string UpkeepProblem { get; init; } = "";
}

/// <summary>Asks for the segments -> <see cref="SegmentList"/>. Costs no file access.</summary>
public sealed record GetSegments(long RequestId = 0) : LogRequest(RequestId)
{
    /// <summary>Only those that hold this offset or a later one; 0 for all of them.</summary>
    public long FromOffset { get; init; }

    /// <summary>How many at most, 1 or more. To another node go no more than fit into a message.</summary>
    public int MaxCount { get; init; } = int.MaxValue;
}

/// <summary>The segments, oldest first; the last one of a list that is complete is the active one.</summary>
public sealed record SegmentList(IReadOnlyList<SegmentInfo> Segments, long RequestId) : LogReply(RequestId)
{
    /// <summary>The <see cref="GetSegments.FromOffset"/> that lists those behind; null where there is none.</summary>
    public long? ContinueAt { get; init; }

    /// <summary>As <see cref="LogInfo.Damage"/>.</summary>
    public string Damage { get; init; } = "";
}

/// <summary>Makes everything appended so far durable -> <see cref="LogSynced"/>.</summary>
public sealed record SyncLog(long RequestId = 0) : LogRequest(RequestId);

/// <summary>The log is on the disk up to here.</summary>
/// <param name="DurableOffset">The last offset that is on the disk; one less than the start offset where none is.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogSynced(long DurableOffset, long RequestId) : LogReply(RequestId);

/// <summary>Asks where the index says that a record is -> <see cref="RecordLocated"/>.</summary>
public sealed record Locate(long Offset, long RequestId = 0) : LogRequest(RequestId);

/// <summary>Where a record is.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="File">The segment's file name.</param>
/// <param name="Position">The byte of its frame in the (uncompressed) file.</param>
/// <param name="LengthBytes">Its payload's size.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RecordLocated(long Offset, string File, long Position, int LengthBytes, long RequestId) : LogReply(RequestId);

/// <summary>Rolls now -> <see cref="SegmentSealed"/>; <see cref="FailureKind.Precondition"/> where the active segment is empty.</summary>
public sealed record SealActiveSegment(long RequestId = 0) : LogRequest(RequestId);

/// <summary>A segment was sealed.</summary>
/// <param name="SealedFile">Its file name.</param>
/// <param name="ActiveFile">The file name of its successor.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentSealed(string SealedFile, string ActiveFile, long RequestId) : LogReply(RequestId);

/// <summary>Sets the segment size limit from the next append on, until the log is opened anew -> <see cref="SegmentLimitSet"/>.</summary>
/// <param name="MaxSegmentBytes">1 to 4294967295.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SetSegmentLimit(long MaxSegmentBytes, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The limit holds from the next append on.</summary>
public sealed record SegmentLimitSet(long MaxSegmentBytes, long RequestId) : LogReply(RequestId);

/// <summary>
/// Deletes a sealed segment: its records are gone for good, and reads there are answered as <see cref="FailureKind.NotFound"/>
/// -> <see cref="SegmentDeleted"/>.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record DeleteSegment(string File, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The segment is gone.</summary>
/// <param name="File">Its file name.</param>
/// <param name="BytesFreed">What its records took where they were; 0 where the files could not be removed yet.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentDeleted(string File, long BytesFreed, long RequestId) : LogReply(RequestId);

/// <summary>Deletes the sealed segments that lie wholly below an offset, all or none -> <see cref="LogTruncated"/>.</summary>
/// <param name="Offset">0 to the log's next offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record TruncateBefore(long Offset, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The log starts here now.</summary>
/// <param name="StartOffset">The lowest offset that the log may hold.</param>
/// <param name="SegmentsDeleted">How many segments went; none is no failure.</param>
/// <param name="BytesFreed">What their records took.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogTruncated(long StartOffset, int SegmentsDeleted, long BytesFreed, long RequestId) : LogReply(RequestId);

/// <summary>
/// Compresses a sealed segment; its records are read as before -> <see cref="SegmentCompressed"/>, or
/// <see cref="FailureKind.Precondition"/> where it does not shrink and stays as it is.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record CompressSegment(string File, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The segment is compressed. Its name stays, and positions are those in the file before.</summary>
/// <param name="File">Its file name.</param>
/// <param name="SizeBytes">Its records with their frames.</param>
/// <param name="StoredBytes">What its file takes now.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentCompressed(string File, long SizeBytes, long StoredBytes, long RequestId) : LogReply(RequestId);

/// <summary>Moves a sealed segment to the archive; its records are read from there -> <see cref="SegmentArchived"/>.</summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record ArchiveSegment(string File, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The segment is in the archive.</summary>
/// <param name="File">Its file name in the log.</param>
/// <param name="ArchivedTo">Where it is now, for people.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentArchived(string File, string ArchivedTo, long RequestId) : LogReply(RequestId);

/// <summary>
/// Keeps every record from an offset on from being deleted, by retention or by request, until the floor is moved or released or the log
/// is stopped: for consumers that replay -> <see cref="FloorHeld"/>. Holding a name again moves its floor. A consumer that tells this
/// first, before anything else is told to the log, comes before the first retention check.
/// </summary>
/// <param name="Name">The consumer's: 1 to 256 characters.</param>
/// <param name="Offset">0 or more.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record HoldFloor(string Name, long Offset, long RequestId = 0) : LogRequest(RequestId);

/// <summary>Nothing at or above the offset is deleted from now on.</summary>
/// <param name="Name">Whose floor it is.</param>
/// <param name="Offset">Where it is.</param>
/// <param name="StartOffset">The lowest offset that the log may hold: where it is higher, the consumer came too late.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record FloorHeld(string Name, long Offset, long StartOffset, long RequestId) : LogReply(RequestId);

/// <summary>Gives a floor up; it is no error that there is none -> <see cref="FloorReleased"/>.</summary>
public sealed record ReleaseFloor(string Name, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The name holds no floor.</summary>
public sealed record FloorReleased(string Name, long RequestId) : LogReply(RequestId);

/// <summary>The request did not do what was asked.</summary>
/// <param name="Kind">Tells "did not happen" from "cannot know".</param>
/// <param name="Reason">For people: what, where, what is allowed.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record RequestFailed(FailureKind Kind, string Reason, long RequestId) : LogReply(RequestId);

/// <summary>Why a request failed, and so what its sender may conclude.</summary>
public enum FailureKind
{
    /// <summary>Definitely did not happen and may work later or after an operator's help: too much pending, locked, damaged, latched.</summary>
    Unavailable,

    /// <summary>Definitely did not happen: the request itself is out of its limits.</summary>
    Invalid,

    /// <summary>Whether it happened is not known.</summary>
    OutcomeUnknown,

    /// <summary>Definitely did not happen: no room on the disk, say.</summary>
    Aborted,

    /// <summary>The log does not hold that offset or segment; the reason gives what it does hold.</summary>
    NotFound,

    /// <summary>The segment is not in a state for it: it is the active one, empty, or already as asked.</summary>
    Precondition,
}
