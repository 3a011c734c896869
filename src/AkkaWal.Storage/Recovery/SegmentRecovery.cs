using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Recovery;

/// <summary>
/// Opens the last segment for writing. Decides by the recovery table of FORMAT.md, changes nothing in a case of damage, and
/// otherwise returns with every record it found on the disk: those above the watermark are written again, because after
/// a failed sync the kernel may hold bytes that it calls clean and that never reached the disk.
/// </summary>
internal static class SegmentRecovery
{
    private const int CopyBytes = 1 << 20;

    /// <summary>How often the cache may forget bytes between two looks at them.</summary>
    private const int MaxLooks = 3;

    /// <summary>Opens and, where need be, repairs the tail of the last segment.</summary>
    /// <param name="store">The log.</param>
    /// <param name="baseOffset">The segment.</param>
    /// <param name="note">Told what was cut, once, also where something fails behind it.</param>
    /// <param name="seen">
    /// What somebody saw of it who had the log's lock and has it still; null for another look.
    /// </param>
    /// <exception cref="WalFaultException">
    /// Acknowledged data is damaged or missing (R5 to R8), or newer: nothing was changed.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentWriter Writer, RecoveryReport Report) OpenLast(
        SegmentStore store, long baseOffset, Action<string> note, TailSurvey? seen = null)
    {
        for (var look = 1; look <= MaxLooks; look++, seen = null)
            if (TryOpenLast(store, baseOffset, note, seen ?? Survey(store, baseOffset)) is { } opened) return opened;
        throw new WalIOException("read", store.LogPath(baseOffset), false, "its bytes changed each time they were looked at");
    }

    private static (SegmentWriter Writer, RecoveryReport Report)? TryOpenLast(
        SegmentStore store, long baseOffset, Action<string> note, TailSurvey survey)
    {
        if (TailFault.Of(store, baseOffset, survey) is { } fault) throw fault.ToException();
        var report = new RecoveryReport(survey.Case, SegmentName.Log(baseOffset), survey.End.NextOffset);
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.ReadWrite);
        SegmentWriter? writer = null;
        try
        {
            if (survey.Case == RecoveryCase.CleanStop) return (writer = OpenClean(store, log, header, survey), report);
            if (survey.IsFreshFor(store)) return (writer = OpenFresh(store, log, header, survey), report);
            if (survey.Case == RecoveryCase.TornTail)
            {
                var keptAs = new SetAside(store, note).KeepTail(log, survey.End.EndPosition, survey.TailBytes);
                report = report with { TornBytes = survey.TailBytes, KeptAs = keptAs };
            }
            if (!TryRewrite(log, header, survey)) return null;
            // Where the length is right, too: a life that was killed may have left blocks behind the end, of which no length tells.
            log.SetLength(survey.End.EndPosition);
            log.Sync();
            writer = StartIndexAnew(store, log, header, survey);
            return (writer, report with { RewrittenBytes = survey.End.EndPosition - survey.Watermark.EndPosition });
        }
        finally
        {
            if (writer is null) log.Dispose();
        }
    }

    // Looked at through a handle that can't write: a sealed file may not even be opened for writing.
    private static TailSurvey Survey(SegmentStore store, long baseOffset)
    {
        var (log, header) = store.OpenLog(baseOffset, FileAccessMode.Read);
        using (log) return TailSurvey.Of(store, log, header);
    }

    /// <summary>
    /// Opens what was the active segment when its owner died in this process: as <see cref="OpenLast"/>, or, where its roll got as far
    /// as the successor's files, finishes the seal.
    /// </summary>
    /// <exception cref="WalFaultException">As <see cref="OpenLast"/>.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentWriter? Writer, RecoveryReport? Report, SealedSegment? Sealed) Resume(
        SegmentStore store, long baseOffset, Action<string> note, TailSurvey? seen = null)
    {
        if (SegmentIndexReader.TryReadSealedMark(store, baseOffset) is { } marked && HasSuccessor(store, marked.NextOffset)) return (null, null, marked);
        var (writer, report) = OpenLast(store, baseOffset, note, seen);
        if (writer.IsEmpty || !HasSuccessor(store, writer.NextOffset)) return (writer, report, null);
        using (writer)
        {
            // The owner may have died between the rename and its sync, and a mark says that the successor's name is on the disk.
            store.Files.SyncDirectory(store.Directory);
            return (null, report, writer.MarkSealed());
        }
    }

    private static bool HasSuccessor(SegmentStore store, long nextOffset) => store.Files.Stat(store.LogPath(nextOffset)) is not null;

    /// <summary>
    /// Seals a segment that has a successor and bears no mark: the crash came between the two, or the index was lost.
    /// Its log was seen to be whole, to its last byte, up to where the successor starts.
    /// </summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static SealedSegment FinishSeal(SegmentStore store, SealedSegment segment)
    {
        try
        {
            var (writer, _) = OpenLast(store, segment.BaseOffset, static _ => { });
            using (writer) return writer.MarkSealed();
        }
        catch (WalIOException e) when (e.IsAccessDenied)
        {
            // Read-only files had their mark: without a new one they are as sealed, and their index is made up for in memory.
            return segment with { SealedAtUnixMs = store.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds() };
        }
    }

    private static SegmentWriter OpenClean(SegmentStore store, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var file = store.Files.Open(store.IndexPath(header.BaseOffset), FileAccessMode.ReadWrite);
        var index = new SegmentIndexFile(file, survey.Slot!.Value with { WindowBytes = store.UnsyncedWindowBytes });
        index.TrustEntries(survey.Positions.Count);
        return Start(store, log, header, index, survey);
    }

    // As its roll made and synced it: there is nothing to write, and so nothing that can fail for want of room.
    private static SegmentWriter OpenFresh(SegmentStore store, IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        var file = store.Files.Open(store.IndexPath(header.BaseOffset), FileAccessMode.ReadWrite);
        return new SegmentWriter(store, log, header, new SegmentIndexFile(file, survey.Slot!.Value), survey.Positions, survey.End);
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

    // Just what was verified is written: between two reads the cache may drop a page that a failed sync left clean. False where
    // it did, and the frames are no longer those of the survey.
    private static bool TryRewrite(IWalFile log, SegmentHeader header, TailSurvey survey)
    {
        if (survey.Watermark == survey.End) return true;
        using var scanner = new FrameScanner(log, Frame.SaltState(header.Salt), survey.Watermark, survey.End.EndPosition);
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
