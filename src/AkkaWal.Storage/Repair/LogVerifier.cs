using System.Runtime.ExceptionServices;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Reports every fault of a log: those that an opening finds, by the same check, and those inside its segments,
/// whose frames it verifies one by one. It changes nothing and takes no lock. Beside a writer, records that are
/// appended meanwhile can show as unfinished bytes; what the writer rolls, compresses or deletes meanwhile is no fault.
/// From any thread.
/// </summary>
public sealed class LogVerifier
{
    /// <summary>The largest number of faults that are reported; further ones are left out.</summary>
    public const int MaxFaults = 10_000;

    // How often a segment is read that its log's writer changes meanwhile.
    private const int MaxReads = 8;

    private readonly SegmentFiles _root;
    private readonly LogCheckResult _check;
    private readonly ReadCatalog _list;
    private readonly List<LogFault> _faults = [];
    private long _recordCount, _bytesDone, _unfinishedBytes;

    private LogVerifier(SegmentFiles root, LogCheckResult check) =>
        (_root, _check, _list) = (root, check, new ReadCatalog(check));

    /// <summary>Verifies the log in a directory.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Takes reports after each segment.</param>
    /// <param name="cancellation">Ends the verification between two segments.</param>
    /// <exception cref="WalNewerVersionException">
    /// A newer version wrote the MANIFEST that tells where the log is.
    /// </exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public static VerifyReport Verify(
        string directory, WalOptions? options = null, IWalFileSystem? files = null,
        IProgress<VerifyProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var opened = (files ?? WalFileSystem.Default).OpenDirectory(directory);
        var segmentFiles = new SegmentFiles(opened, directory, Guid.Empty, options ?? new WalOptions());
        return new LogVerifier(segmentFiles, SteadyLook.Of(segmentFiles)).Run(progress, cancellation);
    }

    private VerifyReport Run(IProgress<VerifyProgress>? progress, CancellationToken cancellation)
    {
        foreach (var fault in _check.Faults)
            if (fault.Kind != LogFaultKind.Leftover) Report(fault);
        if (_check.IsNew)
        {
            var path = _root.PathOf(SegmentName.Manifest);
            Report(LogFault.Of(new WalAbsentException(path, "the MANIFEST of a log")) with { Row = "M1" });
        }
        var (done, count) = (0, _check.Sealed.Count + (_check.Tail is null ? 0 : 1));
        foreach (var segment in _check.Sealed)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!HasReportedHead(segment)) VerifySteadily(segment);
            progress?.Report(new VerifyProgress(++done, count, _bytesDone));
        }
        if (_check.Tail is { } tail)
        {
            cancellation.ThrowIfCancellationRequested();
            VerifyLast(tail);
            progress?.Report(new VerifyProgress(++done, count, _bytesDone));
        }
        return new VerifyReport(count, _recordCount, _faults, _unfinishedBytes)
        {
            Refusal = _check.Refusal,
            Leftovers = [.. _check.Faults.Where(fault => fault.Kind == LogFaultKind.Leftover)],
        };
    }

    // Nothing more can be said about a segment whose header is bad.
    private bool HasReportedHead(SealedSegment segment) =>
        _check.Faults.Any(fault => fault.Row is "S10" or "S11" or "N1" && fault.Offset == segment.BaseOffset);

    // Verifies a sealed segment, or the active one (null). While it is read, a writer may seal, compress, archive or
    // delete it, and a new owner may move the log. Then it is read again as the MANIFEST lists it now. Only what the
    // MANIFEST calls deleted may be gone.
    private void VerifySteadily(SealedSegment? segment)
    {
        var (list, baseOffset) = (_list, segment?.BaseOffset ?? _check.ActiveBase);
        for (var reads = 1; ; reads++)
        {
            var (faults, records, bytes) = (_faults.Count, _recordCount, _bytesDone);
            var failure = Verify(list.SegmentFiles, segment);
            if (failure is null && _faults.Count == faults) return;
            var now = reads < MaxReads ? SteadyLook.ListAnew(_root, list) : null;
            var isDeleted = now is not null && OffsetRanges.Contains(now.DeletedRanges, baseOffset);
            if (now is null || (!isDeleted && now.FindSealed(baseOffset) < 0))
            {
                failure?.Throw();
                return;
            }
            _faults.RemoveRange(faults, _faults.Count - faults);
            (_recordCount, _bytesDone) = (records, bytes);
            if (isDeleted) return;
            (list, segment) = (now, now[now.FindSealed(baseOffset)]);
        }
    }

    private ExceptionDispatchInfo? Verify(SegmentFiles segmentFiles, SealedSegment? segment)
    {
        try
        {
            if (segment is { } given) VerifySealed(segmentFiles, given);
            else VerifyCleanTail(segmentFiles);
            return null;
        }
        catch (WalFaultException e)
        {
            Report(LogFault.Of(e) with { Offset = segment?.BaseOffset ?? _check.ActiveBase });
            return null;
        }
        catch (WalIOException e) when (segment is { IsArchived: true })
        {
            // An archive that is out of reach is no fault of the segment; the rest of the log is verified.
            var baseOffset = segment.Value.BaseOffset;
            Report(new LogFault(LogFaultKind.Absent, e.Path, 0, baseOffset, "an archive within reach", e.Message)
            {
                Advice = "make the archive reachable, and verify again",
            });
            return null;
        }
        catch (WalIOException e)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }

    private void VerifySealed(SegmentFiles segmentFiles, SealedSegment segment)
    {
        var (log, header) = segmentFiles.OpenSealed(segment);
        using (log)
        using (var index = segmentFiles.TryOpenIndex(segment))
        {
            PositionTable? entries = null;
            var slot = index is null ? null : IndexFileReader.TryRead(index, header, out entries);
            var walk = SegmentProbe.Walk(log, header, entries, log.LengthBytes, segment.NextOffset, Report);
            _recordCount += walk.ValidCount;
            _bytesDone += log.LengthBytes;
            var wanted = SegmentHeader.SizeBytes + segment.SizeBytes;
            if (log.LengthBytes != wanted)
                Report(new LogFault(
                    LogFaultKind.Damaged, log.Path, Math.Min(log.LengthBytes, wanted), null, $"{wanted} bytes",
                    $"{log.LengthBytes} bytes"));
            // The next opening finishes the seal and rebuilds the index with it.
            if (_check.Unfinished.Contains(segment.BaseOffset)) return;
            VerifyIndex(segmentFiles.IndexPath(segment.BaseOffset), segment, index, slot, entries, walk);
        }
    }

    private void VerifyIndex(
        string path, SealedSegment segment, IWalFile? index, IndexSlot? slot, PositionTable? entries,
        SegmentProbe.WalkResult walk)
    {
        if (index is null)
        {
            ReportIndex(segment, LogFaultKind.Absent, path, 0, null, "an index", "no file");
            return;
        }
        IndexFileReader.ThrowIfNewer(index);
        if (slot is not { State: IndexState.Sealed })
            ReportIndex(
                segment, LogFaultKind.Damaged, path, 0, null, "a sealed mark",
                slot is null ? "no slot that validates" : "none");
        else if (slot.Value.Watermark.NextOffset != segment.NextOffset)
            ReportIndex(
                segment, LogFaultKind.Damaged, path, slot.Value.WriteAt, null, $"next offset {segment.NextOffset}",
                $"{slot.Value.Watermark.NextOffset}");
        else if (entries is null)
            ReportIndex(
                segment, LogFaultKind.Damaged, path, IndexSlot.EntriesAt, null, "entries that match their checksum",
                "others");
        else if (walk.IsWhole)
            for (var i = 0; i < Math.Min(entries.Count, walk.Positions.Count); i++)
                if (entries[i] != walk.Positions[i])
                    ReportIndex(
                        segment, LogFaultKind.Damaged, path, IndexSlot.EntriesAt + (long)i * IndexSlot.EntryBytes,
                        segment.BaseOffset + i,
                        $"position {walk.Positions[i]}", $"{entries[i]}");
    }

    // S6: nothing is lost. For an archived segment there is no repair, since repairs do not write to the archive.
    private void ReportIndex(
        SealedSegment segment, LogFaultKind kind, string path, long position, long? offset, string expected,
        string found)
    {
        var isMendable = !segment.IsArchived;
        Report(new LogFault(kind, path, position, offset, expected, found)
        {
            Row = "S6",
            Repair = isMendable ? RepairKind.RebuildIndex : null,
            Advice = isMendable ? Advice.RebuildIndex(segment.BaseOffset) : "",
        });
    }

    private void VerifyLast(TailSurvey tail)
    {
        var recordCount = tail.End.NextOffset - _check.ActiveBase;
        if (TailFault.Of(_check.SegmentFiles, _check.ActiveBase, tail) is null) _unfinishedBytes = tail.TailBytes;
        if (tail.Case == RecoveryCase.CleanStop && recordCount > 0) VerifySteadily(null);
        else
        {
            // The survey has verified all of the segment.
            _recordCount += recordCount;
            _bytesDone += tail.End.EndPosition;
        }
    }

    private void VerifyCleanTail(SegmentFiles segmentFiles)
    {
        var (positions, end) = (_check.Tail!.Positions, _check.Tail.End);
        var (log, header) = segmentFiles.OpenLog(_check.ActiveBase, FileAccessMode.Read);
        using (log)
            _recordCount +=
                SegmentProbe.Walk(log, header, positions, end.EndPosition, end.NextOffset, Report).ValidCount;
        _bytesDone += end.EndPosition;
    }

    private void Report(LogFault fault)
    {
        if (_faults.Count < MaxFaults) _faults.Add(fault);
    }
}
