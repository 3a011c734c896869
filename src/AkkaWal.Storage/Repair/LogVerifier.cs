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
    private readonly List<LogFault> _faults = [];
    private SegmentFiles _segmentFiles;
    private long _recordCount, _bytesDone, _unfinishedBytes;

    private LogVerifier(SegmentFiles root, LogCheckResult check) =>
        (_root, _check, _segmentFiles) = (root, check, check.SegmentFiles);

    /// <summary>Verifies the log in a directory.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Takes reports after each segment.</param>
    /// <param name="cancellation">Ends the verification between two segments.</param>
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
            var path = _segmentFiles.PathOf(SegmentName.Manifest);
            Report(LogFault.Of(new WalAbsentException(path, "the MANIFEST of a log")) with { Row = "M1" });
        }
        var (done, count) = (0, _check.Sealed.Count + (_check.Tail is null ? 0 : 1));
        foreach (var segment in _check.Sealed)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsChecked(segment)) VerifySteadily(segment);
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
    private bool IsChecked(SealedSegment segment) =>
        _check.Faults.Any(fault => fault.Row is "S10" or "S11" or "N1" && fault.Offset == segment.BaseOffset);

    // Beside a writer a segment may be compressed, archived or deleted while it is read. It is no fault then, and is
    // read again where it is now.
    private void VerifySteadily(SealedSegment segment)
    {
        for (var reads = 1; ; reads++)
        {
            var (faults, records, bytes) = (_faults.Count, _recordCount, _bytesDone);
            Guarded(segment, () => VerifySealed(segment));
            if (_faults.Count == faults || reads == MaxReads || !SteadyLook.HasWriter(_root)) return;
            var now = SteadyLook.Of(_root);
            List<SealedSegment> same = [.. now.Sealed.Where(other => other.BaseOffset == segment.BaseOffset)];
            if (same.Contains(segment) && now.SegmentFiles.Directory == _segmentFiles.Directory) return;
            _faults.RemoveRange(faults, _faults.Count - faults);
            (_recordCount, _bytesDone) = (records, bytes);
            if (same.Count == 0) return;
            (segment, _segmentFiles) = (same[0], now.SegmentFiles);
        }
    }

    private void VerifySealed(SealedSegment segment)
    {
        var (log, header) = _segmentFiles.OpenSealed(segment);
        using (log)
        using (var index = _segmentFiles.TryOpenIndex(segment))
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
            if (!_check.Unfinished.Contains(segment.BaseOffset)) VerifyIndex(segment, index, slot, entries, walk);
        }
    }

    private void VerifyIndex(
        SealedSegment segment, IWalFile? index, IndexSlot? slot, PositionTable? entries, SegmentProbe.WalkResult walk)
    {
        var path = _segmentFiles.IndexPath(segment.BaseOffset);
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
        var baseOffset = _check.ActiveBase;
        _bytesDone += tail.End.EndPosition;
        if (TailFault.Of(_segmentFiles, baseOffset, tail) is null) _unfinishedBytes = tail.TailBytes;
        if (tail.Case != RecoveryCase.CleanStop)
        {
            // The survey has verified all of the segment.
            _recordCount += tail.End.NextOffset - baseOffset;
            return;
        }
        var (log, header) = _segmentFiles.OpenLog(baseOffset, FileAccessMode.Read);
        using (log)
            _recordCount += SegmentProbe.Walk(
                log, header, tail.Positions, tail.End.EndPosition, tail.End.NextOffset, Report).ValidCount;
    }

    private void Guarded(SealedSegment segment, Action verify)
    {
        try
        {
            verify();
        }
        catch (WalFaultException e)
        {
            Report(LogFault.Of(e) with { Offset = segment.BaseOffset });
        }
        catch (WalIOException e) when (segment.IsArchived)
        {
            // An archive that is out of reach is no fault of the segment; the rest of the log is verified.
            var path = e.Path;
            Report(new LogFault(LogFaultKind.Absent, path, 0, segment.BaseOffset, "an archive within reach", e.Message)
            {
                Advice = "make the archive reachable, and verify again",
            });
        }
    }

    private void Report(LogFault fault)
    {
        if (_faults.Count < MaxFaults) _faults.Add(fault);
    }
}
