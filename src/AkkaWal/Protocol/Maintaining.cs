namespace AkkaWal.Protocol;

/// <summary>
/// Deletes a sealed segment: its records are gone for good, and reads there are answered as
/// <see cref="FailureKind.NotFound"/> -> <see cref="SegmentDeleted"/>.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record DeleteSegment(string File, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>The segment is gone.</summary>
/// <param name="File">Its file name.</param>
/// <param name="BytesFreed">What its records took where they were; 0 where the files could not be removed yet.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentDeleted(string File, long BytesFreed, long RequestId) : LogReply(RequestId);

/// <summary>
/// Deletes the sealed segments that lie wholly below an offset, all or none -> <see cref="LogTruncated"/>.
/// </summary>
/// <param name="Offset">0 to the log's next offset.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record TruncateBefore(long Offset, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>The log starts here now.</summary>
/// <param name="StartOffset">The lowest offset that the log may hold.</param>
/// <param name="SegmentsDeleted">How many segments went; none is no failure.</param>
/// <param name="BytesFreed">What their records took.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record LogTruncated(long StartOffset, int SegmentsDeleted, long BytesFreed, long RequestId)
    : LogReply(RequestId);

/// <summary>
/// Compresses a sealed segment; its records are read as before -> <see cref="SegmentCompressed"/>, or
/// <see cref="FailureKind.Precondition"/> where it does not shrink and stays as it is.
/// </summary>
/// <param name="File">The segment's file name.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record CompressSegment(string File, long RequestId = 0) : LogRequest(RequestId), IMaintenanceRequest;

/// <summary>The segment is compressed. Its name stays, and positions are those in the file before.</summary>
/// <param name="File">Its file name.</param>
/// <param name="SizeBytes">Its records with their frames.</param>
/// <param name="StoredBytes">What its file takes now.</param>
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
/// <param name="ArchivedTo">Where it is now, for people.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentArchived(string File, string ArchivedTo, long RequestId) : LogReply(RequestId);
