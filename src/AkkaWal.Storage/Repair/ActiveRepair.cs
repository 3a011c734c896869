using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Repairs of the active segment. Each happens when the MANIFEST is replaced. The new one calls every offset that may
/// have been given a gap, lists all segments before it, and says that the active segment does not exist yet. The next
/// opening creates it behind the gap.
/// </summary>
internal static class ActiveRepair
{
    /// <summary>What <see cref="LogRepair.CutTail"/> does.</summary>
    internal static RepairReport CutTail(RepairSession session, long? nextOffset)
    {
        session.RequireNothingElse("R5", "R6");
        var (segmentFiles, check) = (session.SegmentFiles, session.Check);
        if (check.Tail is null)
        {
            if (check.MakesActive && check.Sealed.Count > 0) Shorten(segmentFiles, check.Sealed[^1]);
            return new RepairReport(null, null, null);
        }
        var baseOffset = check.ActiveBase;
        var (log, header) = segmentFiles.OpenLog(baseOffset, FileAccessMode.Read);
        using (log)
        {
            var survey = TailSurvey.Of(segmentFiles, log, header, trustCleanMark: false);
            if (TailFault.Of(segmentFiles, baseOffset, survey) is null) return new RepairReport(null, null, null);
            session.KeepCopy(log.Path);
            session.KeepCopy(segmentFiles.IndexPath(baseOffset));
            var claim = session.ReadClaim(baseOffset);
            var claimed = Math.Max(survey.End.NextOffset, claim?.NextOffset ?? 0);
            var next = RepairSession.NextOffsetBehind(baseOffset, claim, nextOffset, claimed);
            var cut = new SealedSegment(
                baseOffset, survey.End.NextOffset, survey.End.EndPosition - SegmentHeader.SizeBytes,
                SegmentState.Sealed, 0, session.Now);
            GoOnBehind(session, survey.End.NextOffset > baseOffset ? cut : null, survey.End.NextOffset, next);
            if (survey.End.NextOffset == baseOffset) RemoveFiles(session, baseOffset);
            else
            {
                Shorten(segmentFiles, cut);
                session.WriteSealedIndex(header, cut, survey.Positions);
            }
            long? lostTo = claimed > survey.End.NextOffset ? claimed - 1 : null;
            return new RepairReport(session.Folder, survey.End.NextOffset, lostTo) { NextOffset = next };
        }
    }

    /// <summary>What <see cref="LogRepair.ReplaceActive"/> does.</summary>
    internal static RepairReport ReplaceActive(RepairSession session, long? nextOffset)
    {
        session.RequireNothingElse("M4", "R7", "R8");
        var (segmentFiles, check) = (session.SegmentFiles, session.Check);
        if (check.Refusal is null)
            throw new ArgumentException($"{SegmentName.Log(check.ActiveBase)} is there, or is about to be made");
        var baseOffset = check.ActiveBase;
        session.KeepCopy(segmentFiles.LogPath(baseOffset));
        session.KeepCopy(segmentFiles.IndexPath(baseOffset));
        var claim = session.ReadClaim(baseOffset);
        var claimed = Math.Max(baseOffset, claim?.NextOffset ?? 0);
        var next = RepairSession.NextOffsetBehind(baseOffset, claim, nextOffset, claimed);
        GoOnBehind(session, null, baseOffset, next);
        RemoveFiles(session, baseOffset);
        long? lostTo = claimed > baseOffset ? claimed - 1 : null;
        return new RepairReport(session.Folder, baseOffset, lostTo) { NextOffset = next };
    }

    private static void GoOnBehind(RepairSession session, SealedSegment? cut, long gapFrom, long nextOffset)
    {
        List<SealedSegment> segments = [.. session.Named()];
        if (cut is { } last) segments.Add(last);
        session.SaveManifest(session.Manifest with
        {
            HasSegments = false,
            StartOffset = segments.Count > 0 ? segments[0].BaseOffset : gapFrom,
            DeletedRanges = gapFrom < nextOffset
                ? OffsetRanges.Add(session.Manifest.DeletedRanges, new OffsetRange(gapFrom, nextOffset))
                : session.Manifest.DeletedRanges,
            SealedSegments = segments,
        });
    }

    // A crash may have come between the MANIFEST and the cut. Bytes behind the end are no part of the segment.
    private static void Shorten(SegmentFiles segmentFiles, SealedSegment segment)
    {
        if (segment.Form != 0) return;
        var path = segmentFiles.LogPath(segment.BaseOffset);
        var length = SegmentHeader.SizeBytes + segment.SizeBytes;
        if (segmentFiles.Disk.Stat(path) is not { Kind: WalEntryKind.File } file || file.LengthBytes <= length) return;
        using (var log = segmentFiles.Disk.Open(path, FileAccessMode.ReadWrite))
        {
            log.SetLength(length);
            log.Sync();
        }
        segmentFiles.MakeReadOnly(path);
    }

    private static void RemoveFiles(RepairSession session, long baseOffset)
    {
        session.Remove(session.SegmentFiles.LogPath(baseOffset));
        session.Remove(session.SegmentFiles.IndexPath(baseOffset));
        session.SegmentFiles.Disk.SyncDirectory(session.SegmentFiles.Directory);
    }
}
