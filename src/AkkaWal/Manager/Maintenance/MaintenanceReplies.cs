using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Manager.Maintenance;

/// <summary>Makes the replies to operations on sealed segments.</summary>
internal static class MaintenanceReplies
{
    /// <summary>The reply to an operation that was carried out.</summary>
    /// <param name="request">The request.</param>
    /// <param name="done">The result of the work.</param>
    /// <param name="startOffset">The log's start offset after the operation.</param>
    internal static LogReply To(LogRequest request, WorkDone done, long startOffset) =>
        (request, done.Changed?.Info) switch
    {
        (DeleteSegment deletion, _) => new SegmentDeleted(deletion.File, done.BytesFreed, deletion.RequestId),
        (TruncateBefore truncation, _) =>
            new LogTruncated(
                startOffset, ((DeleteSegments)done.Work).Segments.Count, done.BytesFreed, truncation.RequestId),
        (CompressSegment compression, { StoredBytes: { } storedBytes } now) =>
            new SegmentCompressed(compression.File, now.SizeBytes, storedBytes, compression.RequestId),
        (CompressSegment compression, _) =>
            new RequestFailed(
                FailureKind.Precondition, MaintenanceTarget.DoesNotShrink(compression.File).Reason,
                compression.RequestId),
        (ArchiveSegment archiving, _) => new SegmentArchived(archiving.File, done.ArchivedTo, archiving.RequestId),
        _ => throw new InvalidOperationException($"{request.GetType().Name} has no reply"),
    };

    /// <summary>The kind of failure of a refusal.</summary>
    internal static FailureKind KindOf(MaintenanceRefusal refusal) => refusal.Kind switch
    {
        MaintenanceRefusalKind.NotHeld => FailureKind.NotFound,
        MaintenanceRefusalKind.WrongState => FailureKind.Precondition,
        MaintenanceRefusalKind.Unavailable => FailureKind.Unavailable,
        _ => FailureKind.Invalid,
    };
}
