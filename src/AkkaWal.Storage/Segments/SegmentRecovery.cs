using System.Globalization;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Opens the last segment for writing. Decides by the recovery table of FORMAT.md, changes nothing in a case of damage, and
/// otherwise returns with every record it found on the disk: those above the watermark are written again, because after
/// a failed sync the kernel may hold bytes that it calls clean and that never reached the disk.
/// </summary>
internal static class SegmentRecovery
{
    private const int CopyBytes = 1 << 20;

    /// <summary>Opens and, where need be, repairs the tail of the last segment.</summary>
    /// <exception cref="WalDamagedException">Acknowledged data is damaged or missing (R5, R6, R7): nothing was changed.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentWriter Writer, RecoveryReport Report) OpenLast(SegmentStore store, long baseOffset)
    {
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.ReadWrite);
        try
        {
            var survey = TailSurvey.Of(store, log, header);
            var report = new RecoveryReport(survey.Case, SegmentName.Log(baseOffset), survey.End.NextOffset);
            switch (survey.Case)
            {
                case RecoveryCase.SealedWithoutSuccessor:
                    throw new WalDamagedException(store.LogPath(survey.End.NextOffset), 0, $"the successor of {log.Path}, which is sealed", "no file");
                case RecoveryCase.DamageBelowWatermark:
                    throw new WalDamagedException(
                        log.Path, survey.End.EndPosition,
                        $"the frame of offset {survey.End.NextOffset}, which was synced (up to position {survey.Watermark.EndPosition})", survey.Fault);
                case RecoveryCase.DamageAboveWatermark:
                    throw new WalDamagedException(
                        log.Path, survey.End.EndPosition,
                        $"the frame of offset {survey.End.NextOffset}, since a valid one follows at position {survey.LaterFrameAt}", survey.Fault);
                case RecoveryCase.CleanStop:
                    return (OpenClean(store, log, header, survey), report);
                case RecoveryCase.TornTail:
                    report = report with { TornBytes = survey.TailBytes, KeptAs = KeepCopy(store, log, survey) };
                    break;
            }
            Rewrite(log, survey.Watermark.EndPosition, survey.End.EndPosition);
            if (log.LengthBytes > survey.End.EndPosition) log.SetLength(survey.End.EndPosition);
            log.Sync();
            return (StartIndexAnew(store, log, header, survey), report with { RewrittenBytes = survey.End.EndPosition - survey.Watermark.EndPosition });
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens what was the active segment when its owner died in this process: as <see cref="OpenLast"/>, or, where its roll got as far
    /// as the successor's files, finishes the seal.
    /// </summary>
    /// <exception cref="WalDamagedException">As <see cref="OpenLast"/>.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentWriter? Writer, RecoveryReport? Report, SealedSegment? Sealed) Resume(SegmentStore store, long baseOffset)
    {
        if (SegmentIndexReader.TryReadSealedMark(store, baseOffset) is { } marked && HasSuccessor(store, marked.NextOffset)) return (null, null, marked);
        var (writer, report) = OpenLast(store, baseOffset);
        if (writer.IsEmpty || !HasSuccessor(store, writer.NextOffset)) return (writer, report, null);
        using (writer) return (null, report, writer.MarkSealed());
    }

    private static bool HasSuccessor(SegmentStore store, long nextOffset) => store.Files.Stat(store.LogPath(nextOffset)) is not null;

    /// <summary>Opens a segment whose successor exists but that bears no mark: the crash came between the two.</summary>
    /// <exception cref="WalDamagedException">It does not end where its successor starts.</exception>
    internal static SealedSegment FinishSeal(SegmentStore store, long baseOffset, long nextOffset)
    {
        var (writer, _) = OpenLast(store, baseOffset);
        using (writer)
        {
            if (writer.NextOffset != nextOffset)
                throw new WalDamagedException(store.LogPath(baseOffset), writer.Committed.EndPosition, $"records up to offset {nextOffset - 1}", $"records up to offset {writer.NextOffset - 1}");
            return writer.MarkSealed();
        }
    }

    private static SegmentWriter OpenClean(SegmentStore store, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var file = store.Files.Open(store.IndexPath(header.BaseOffset), FileAccessMode.ReadWrite);
        var index = new SegmentIndexFile(file, survey.Slot!.Value with { WindowBytes = store.UnsyncedWindowBytes });
        index.TrustEntries(survey.Positions.Count);
        return Start(store, log, header, index, survey);
    }

    private static SegmentWriter StartIndexAnew(SegmentStore store, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var path = store.IndexPath(header.BaseOffset);
        var slot = (survey.Slot ?? store.EmptyIndexSlot(header)) with { WindowBytes = store.UnsyncedWindowBytes };
        if (survey.Slot is null)
        {
            store.Files.WriteWhole(path, new byte[IndexSlot.EntriesAt]);
            store.Files.SyncDirectory(store.Directory);
        }
        return Start(store, log, header, new SegmentIndexFile(store.Files.Open(path, FileAccessMode.ReadWrite), slot), survey);
    }

    // The new watermark and window must be on the disk before anything is written under them.
    private static SegmentWriter Start(SegmentStore store, IWalFile log, SegmentHeader header, SegmentIndexFile index, TailSurvey survey)
    {
        try
        {
            index.WriteSlot(IndexState.Active, survey.End);
            index.Sync();
            return new SegmentWriter(store, log, header, index, survey.Positions, survey.End);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private static void Rewrite(IWalFile log, long position, long endPosition)
    {
        if (position == endPosition) return;
        var buffer = new byte[(int)Math.Min(CopyBytes, endPosition - position)];
        while (position < endPosition)
        {
            var count = log.Read(position, buffer.AsSpan(0, (int)Math.Min(buffer.Length, endPosition - position)));
            if (count == 0) throw new WalDamagedException(log.Path, position, "bytes that were there a moment ago", "the end of the file");
            log.Write(position, buffer.AsSpan(0, count));
            position += count;
        }
    }

    private static string KeepCopy(SegmentStore store, IWalFile log, TailSurvey survey)
    {
        var directory = store.PathOf(SegmentName.SetAside);
        store.Files.CreateDirectory(directory);
        var time = store.Options.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = Path.Combine(directory, $"{Path.GetFileName(log.Path)}.{survey.End.EndPosition}.{time}.torn");
        var buffer = new byte[(int)Math.Min(CopyBytes, survey.TailBytes)];
        using (var copy = store.Files.Open(path, FileAccessMode.CreateOrTruncate))
        {
            for (long done = 0; done < survey.TailBytes;)
            {
                var count = log.Read(survey.End.EndPosition + done, buffer.AsSpan(0, (int)Math.Min(buffer.Length, survey.TailBytes - done)));
                if (count == 0) break;
                copy.Write(done, buffer.AsSpan(0, count));
                done += count;
            }
            copy.Sync();
        }
        store.Files.SyncDirectory(directory);
        return path;
    }
}
