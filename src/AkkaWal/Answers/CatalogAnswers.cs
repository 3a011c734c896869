using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;

namespace AkkaWal.Answers;

/// <summary>Answers questions about the whole log from the catalog and from the active segment's description.</summary>
internal static class CatalogAnswers
{
    /// <summary>
    /// The reply to a <see cref="GetLogInfo"/> or <see cref="GetSegments"/>, or to a read of an offset that the log
    /// does not hold.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="tail">The active segment's description.</param>
    /// <param name="directory">The catalog.</param>
    /// <param name="mostSegments">The most segments that fit into one reply to this asker.</param>
    internal static LogReply To(LogRequest request, TailDescription tail, LogDirectory directory, int mostSegments)
    {
        if (OffsetOf(request) is { } offset)
            return new RequestFailed(
                FailureKind.NotFound, directory.ReasonNotHeld(offset, tail.NextOffset), request.RequestId);
        // Segments that were sealed after the tail was described are not part of the answer.
        var before = directory.Sealed.Where(segment => segment.BaseOffset < tail.Segment.StartOffset);
        if (request is GetSegments question)
            return ListOf(question, before.Select(segment => segment.Info).Append(tail.Segment), mostSegments);
        long entries = tail.Segment.RecordCount, bytes = tail.Segment.SizeBytes;
        foreach (var segment in before)
        {
            entries += segment.NextOffset - segment.BaseOffset;
            bytes += segment.SizeBytes;
        }
        var startOffset = Math.Min(directory.StartOffset, tail.Segment.StartOffset);
        return new LogInfo(entries, bytes, tail.IsFullyDurable, startOffset, tail.NextOffset, request.RequestId)
        {
            ReadOnlyReason = tail.Latched?.Message ?? "",
            ReadOnlyKind = tail.Latched is { } latched ? FailureKinds.OfLatch(latched) : null,
        };
    }

    /// <summary>The segments that a request asks for, oldest first and the active one last.</summary>
    internal static SegmentList ListOf(GetSegments request, IEnumerable<SegmentInfo> segments, int most)
    {
        var listed = new List<SegmentInfo>();
        foreach (var segment in segments)
        {
            // The active segment holds every offset from its base on.
            if (segment.IsSealed && segment.EndOffset < request.FromOffset) continue;
            if (listed.Count == Math.Min(request.MaxCount, most))
                return new SegmentList(listed, request.RequestId) { ContinueAt = segment.StartOffset };
            listed.Add(segment);
        }
        return new SegmentList(listed, request.RequestId);
    }

    /// <summary>
    /// Whether the request reads an offset that the log held when the tail was described, and still holds.
    /// </summary>
    internal static bool IsHeld(LogRequest request, TailDescription tail, LogDirectory directory) =>
        OffsetOf(request) is { } offset
        && offset <= tail.Segment.EndOffset + (request is ReadBatch ? 1 : 0)
        && (offset >= directory.ActiveBase || directory.FindSealed(offset) is not null);

    /// <summary>The offset that a read asks for; null for a question about the whole log.</summary>
    private static long? OffsetOf(LogRequest request) => request switch
    {
        Read read => read.Offset,
        Locate locate => locate.Offset,
        ReadBatch batch => batch.Offset,
        _ => null,
    };
}
