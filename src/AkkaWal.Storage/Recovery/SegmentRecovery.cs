using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Recovery;

/// <summary>
/// Opens the last segment for writing. It decides by the recovery table of FORMAT.md and changes nothing in a case of
/// damage. In the other cases every record that it found is on the disk when it returns. Records above the watermark
/// are written again: after a failed sync the kernel can hold bytes as clean that never reached the disk.
/// </summary>
internal static class SegmentRecovery
{
    private const int CopyBytes = 1 << 20;

    /// <summary>
    /// How often a survey is repeated because the page cache lost bytes between the survey and the rewrite.
    /// </summary>
    private const int MaxLooks = 3;

    /// <summary>Opens the last segment, and repairs its tail where that is needed.</summary>
    /// <param name="segmentFiles">The log.</param>
    /// <param name="baseOffset">The segment's base offset.</param>
    /// <param name="note">Takes what was cut, once, even where a later step fails.</param>
    /// <param name="seen">
    /// A survey that was taken under the same hold of the log's lock; null to take one now.
    /// </param>
    /// <exception cref="WalFaultException">
    /// Acknowledged data is damaged or missing (R5 to R8), or a file is of a newer version. Nothing was changed.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentWriter Writer, RecoveryReport Report) OpenLast(
        SegmentFiles segmentFiles, long baseOffset, Action<string> note, TailSurvey? seen = null)
    {
        for (var look = 1; look <= MaxLooks; look++, seen = null)
            if (TryOpenLast(segmentFiles, baseOffset, note, seen ?? Survey(segmentFiles, baseOffset)) is { } opened)
                return opened;
        const string reason = "its bytes changed each time they were looked at";
        throw new WalIOException("read", segmentFiles.LogPath(baseOffset), false, reason);
    }

    private static (SegmentWriter Writer, RecoveryReport Report)? TryOpenLast(
        SegmentFiles segmentFiles, long baseOffset, Action<string> note, TailSurvey survey)
    {
        if (TailFault.Of(segmentFiles, baseOffset, survey) is { } fault) throw fault.ToException();
        var report = new RecoveryReport(survey.Case, SegmentName.Log(baseOffset), survey.End.NextOffset);
        var (log, header) = segmentFiles.OpenLog(baseOffset, FileAccessMode.ReadWrite);
        SegmentWriter? writer = null;
        try
        {
            LockShared(segmentFiles, log);
            if (survey.Case == RecoveryCase.CleanStop)
                return (writer = OpenClean(segmentFiles, log, header, survey), report);
            if (survey.IsFreshFor(segmentFiles)) return (writer = OpenFresh(segmentFiles, log, header, survey), report);
            if (survey.Case == RecoveryCase.TornTail)
            {
                var keptAs = new SetAside(segmentFiles, note).KeepTail(log, survey.End.EndPosition, survey.TailBytes);
                report = report with { TornBytes = survey.TailBytes, KeptAs = keptAs };
            }
            if (!TryRewrite(log, header, survey)) return null;
            // Even where the length is right: a process that was killed may have left blocks reserved behind the end.
            log.SetLength(survey.End.EndPosition);
            log.Sync();
            writer = ResetIndex(segmentFiles, log, header, survey);
            return (writer, report with { RewrittenBytes = survey.End.EndPosition - survey.Watermark.EndPosition });
        }
        finally
        {
            if (writer is null) log.Dispose();
        }
    }

    // On storage that machines share, the lock of the directory can be lost while this one is not, and the other way
    // round.
    private static void LockShared(SegmentFiles segmentFiles, IWalFile log)
    {
        if (segmentFiles.Options.Owner.Length > 0 && log.TryLock() == false)
            throw new WalLockedException(segmentFiles.Directory, $"another process, which has {log.Path} locked");
    }

    // Reads through a handle that can't write, because a sealed file may be read-only.
    private static TailSurvey Survey(SegmentFiles segmentFiles, long baseOffset)
    {
        var (log, header) = segmentFiles.OpenLog(baseOffset, FileAccessMode.Read);
        using (log) return TailSurvey.Of(segmentFiles, log, header);
    }

    /// <summary>
    /// Opens the active segment again after its owner died in this process: as <see cref="OpenLast"/>. Where its roll
    /// got as far as the successor's files, it finishes the seal instead.
    /// </summary>
    /// <exception cref="WalFaultException">As <see cref="OpenLast"/>.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentWriter? Writer, RecoveryReport? Report, SealedSegment? Sealed) Resume(
        SegmentFiles segmentFiles, long baseOffset, Action<string> note, TailSurvey? seen = null)
    {
        if (SegmentIndexReader.TryReadSealedMark(segmentFiles, baseOffset) is { } marked
            && HasSuccessor(segmentFiles, marked.NextOffset))
            return (null, null, marked);
        var (writer, report) = OpenLast(segmentFiles, baseOffset, note, seen);
        if (writer.IsEmpty || !HasSuccessor(segmentFiles, writer.NextOffset)) return (writer, report, null);
        using (writer)
        {
            // The owner may have died before it synced the successor's name, and a mark promises that it is synced.
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
            return (null, report, writer.MarkSealed());
        }
    }

    private static bool HasSuccessor(SegmentFiles segmentFiles, long nextOffset) =>
        segmentFiles.Disk.Stat(segmentFiles.LogPath(nextOffset)) is not null;

    /// <summary>
    /// Writes the sealed mark of a segment that has a successor and no mark: a crash came between the two, or the index
    /// was lost. Its log was seen to be whole up to where the successor starts.
    /// </summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static SealedSegment FinishSeal(SegmentFiles segmentFiles, SealedSegment segment)
    {
        try
        {
            var (writer, _) = OpenLast(segmentFiles, segment.BaseOffset, static _ => { });
            using (writer) return writer.MarkSealed();
        }
        catch (WalIOException e) when (e.IsAccessDenied)
        {
            // The files were made read-only after their mark was written. The segment counts as sealed without a new
            // mark, and its positions are found in the log.
            return segment with { SealedAtUnixMs = segmentFiles.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds() };
        }
    }

    private static SegmentWriter OpenClean(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var file = segmentFiles.Disk.Open(segmentFiles.IndexPath(header.BaseOffset), FileAccessMode.ReadWrite);
        var index =
            new SegmentIndexFile(file, survey.Slot!.Value with { WindowBytes = segmentFiles.UnsyncedWindowBytes });
        index.TrustEntries(survey.Positions.Count);
        return Start(segmentFiles, log, header, index, survey);
    }

    // The segment is as its roll created and synced it. Writing nothing means that no lack of room can fail the
    // opening.
    private static SegmentWriter OpenFresh(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var file = segmentFiles.Disk.Open(segmentFiles.IndexPath(header.BaseOffset), FileAccessMode.ReadWrite);
        var index = new SegmentIndexFile(file, survey.Slot!.Value);
        return new SegmentWriter(segmentFiles, log, header, index, survey.Positions, survey.End);
    }

    private static SegmentWriter ResetIndex(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var path = segmentFiles.IndexPath(header.BaseOffset);
        var slot = survey.Slot ?? segmentFiles.EmptyIndexSlot(header);
        slot = slot with { WindowBytes = segmentFiles.UnsyncedWindowBytes };
        if (survey.Slot is null)
        {
            segmentFiles.Disk.WriteWhole(path, new byte[IndexSlot.EntriesAt]);
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
        }
        var index = new SegmentIndexFile(segmentFiles.Disk.Open(path, FileAccessMode.ReadWrite), slot);
        return Start(segmentFiles, log, header, index, survey);
    }

    // The watermark and the window must be on the disk before any record is written under them.
    private static SegmentWriter Start(
        SegmentFiles segmentFiles, IWalFile log, SegmentHeader header, SegmentIndexFile index, TailSurvey survey)
    {
        try
        {
            index.WriteSlot(IndexState.Active, survey.End);
            index.Sync();
            return new SegmentWriter(segmentFiles, log, header, index, survey.Positions, survey.End);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    // Writes exactly the frames that it verifies: between two reads the cache may drop a page that a failed sync left
    // clean. False where that happened, so that the frames are no longer those of the survey.
    private static bool TryRewrite(IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        if (survey.Watermark == survey.End) return true;
        var saltState = Frame.SaltState(header.Salt);
        using var scanner = new FrameScanner(log, saltState, survey.Watermark, survey.End.EndPosition);
        var buffer = new byte[(int)Math.Min(CopyBytes, survey.End.EndPosition - survey.Watermark.EndPosition)];
        var (bufferAt, count) = (survey.Watermark.EndPosition, 0);
        while (scanner.MoveNext())
        {
            var frame = scanner.FrameBytes;
            if (count + frame.Length > buffer.Length)
            {
                log.Write(bufferAt, buffer.AsSpan(0, count));
                (bufferAt, count) = (scanner.Position, 0);
                if (frame.Length > buffer.Length) buffer = new byte[frame.Length];
            }
            frame.CopyTo(buffer.AsSpan(count));
            count += frame.Length;
        }
        if (count > 0) log.Write(bufferAt, buffer.AsSpan(0, count));
        return scanner.Position == survey.End.EndPosition;
    }
}
