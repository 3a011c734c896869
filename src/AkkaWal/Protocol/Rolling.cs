namespace AkkaWal.Protocol;

/// <summary>
/// Rolls now -> <see cref="SegmentSealed"/>. If the active segment is empty, the reply is a
/// <see cref="FailureKind.Precondition"/>.
/// </summary>
public sealed record SealActiveSegment(long RequestId = 0) : LogRequest(RequestId);

/// <summary>A segment was sealed.</summary>
/// <param name="SealedFile">Its file name.</param>
/// <param name="ActiveFile">The file name of its successor.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SegmentSealed(string SealedFile, string ActiveFile, long RequestId) : LogReply(RequestId);

/// <summary>
/// Sets the segment size limit for all later appends, until the log is opened anew -> <see cref="SegmentLimitSet"/>.
/// </summary>
/// <param name="MaxSegmentBytes">1 to 4294967295.</param>
/// <param name="RequestId">The request's id.</param>
public sealed record SetSegmentLimit(long MaxSegmentBytes, long RequestId = 0) : LogRequest(RequestId);

/// <summary>The limit holds from the next append on.</summary>
public sealed record SegmentLimitSet(long MaxSegmentBytes, long RequestId) : LogReply(RequestId);
