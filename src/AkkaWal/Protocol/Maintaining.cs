namespace AkkaWal.Protocol;

/// <summary>
/// Deletes a sealed segment for good -> <see cref="SegmentDeleted"/>. Later reads of its offsets are answered as
/// <see cref="FailureKind.NotFound"/>.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record DeleteSegment(string File, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>The segment is gone.</summary>
/// <param name="File">Its file name.</param>
/// <param name="BytesFreed">
/// The bytes that its records took on the disk; 0 if the files could not be removed yet.
/// </param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentDeleted(string File, long BytesFreed, long RequestId) : LogReply(RequestId);

/// <summary>
/// Deletes the sealed segments that lie wholly below an offset, all or none -> <see cref="LogTruncated"/>.
/// </summary>
/// <param name="Offset">0 to the log's next offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record TruncateBefore(long Offset, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>The segments below the offset are deleted.</summary>
/// <param name="StartOffset">The lowest offset that the log may hold.</param>
/// <param name="SegmentsDeleted">The number of deleted segments; 0 is no failure.</param>
/// <param name="BytesFreed">The bytes that their records took on the disk.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogTruncated(long StartOffset, int SegmentsDeleted, long BytesFreed, long RequestId)
    : LogReply(RequestId);

/// <summary>
/// Compresses a sealed segment -> <see cref="SegmentCompressed"/>. Its records are read as before. If it does not
/// shrink, it stays as it is, and the reply is a <see cref="FailureKind.Precondition"/>.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record CompressSegment(string File, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>
/// The segment is compressed. Its name stays the same, and positions still count bytes of the uncompressed file.
/// </summary>
/// <param name="File">Its file name.</param>
/// <param name="SizeBytes">The bytes of its records with their frames, uncompressed.</param>
/// <param name="StoredBytes">The bytes that its file takes now.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentCompressed(string File, long SizeBytes, long StoredBytes, long RequestId)
    : LogReply(RequestId);

/// <summary>
/// Moves a sealed segment to the archive; its records are read from there -> <see cref="SegmentArchived"/>.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record ArchiveSegment(string File, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>The segment is in the archive.</summary>
/// <param name="File">Its file name in the log.</param>
/// <param name="ArchivedTo">Where the segment is now, for operators.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentArchived(string File, string ArchivedTo, long RequestId) : LogReply(RequestId);
