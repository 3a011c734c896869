using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Walks a whole log and reports every fault. Changes nothing and takes no lock; beside a live writer, what is appended meanwhile may
/// show as unfinished.
/// </summary>
public sealed class LogVerifier
{
    /// <summary>A log with more faults than that is reported as far as that.</summary>
    public const int MaxFaults = 10_000;

    private readonly IWalDirectory _files;
    private readonly IProgress<VerifyProgress>? _progress;
    private readonly List<LogFault> _faults = [];
    private SegmentStore _store;
    private long _recordCount, _bytesDone, _unfinishedBytes;

    private LogVerifier(IWalDirectory files, WalOptions options, IProgress<VerifyProgress>? progress) =>
        (_files, _store, _progress) = (files, new SegmentStore(files, files.Path, Guid.Empty, options), progress);

    /// <summary>Verifies the log in a directory.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="progress">Told after each segment.</param>
    /// <param name="cancellation">Stops between two segments.</param>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public static VerifyReport Verify(
        string directory, WalOptions? options = null, IWalFileSystem? files = null,
        IProgress<VerifyProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var opened = (files ?? PosixFileSystem.Instance).OpenDirectory(directory);
        return new LogVerifier(opened, options ?? new WalOptions(), progress).Run(cancellation);
    }

    private VerifyReport Run(CancellationToken cancellation)
    {
        var bases = new SortedSet<long>();
        foreach (var entry in _files.List(_store.Directory))
            if (SegmentName.TryParse(entry.Name, SegmentName.LogSuffix, out var found)) bases.Add(found);
        var manifest = ReadManifest(bases);
        var known = (manifest?.SealedSegments ?? []).ToDictionary(segment => segment.BaseOffset);
        foreach (var range in manifest?.DeletedRanges ?? []) bases.RemoveWhere(range.Contains);
        bases.UnionWith(known.Keys);

        var done = 0;
        long? expectedBase = null;
        foreach (var baseOffset in bases)
        {
            cancellation.ThrowIfCancellationRequested();
            var isLast = baseOffset == bases.Max;
            if (expectedBase is { } expected && expected != baseOffset && !IsDeleted(manifest, expected))
                Report(new LogFault(_store.LogPath(expected), 0, expected, "a segment", $"none before {SegmentName.Log(baseOffset)}"));
            var successorBase = isLast ? -1 : bases.GetViewBetween(baseOffset + 1, long.MaxValue).Min;
            expectedBase = isLast ? VerifyLast(baseOffset) : VerifySealed(baseOffset, known.GetValueOrDefault(baseOffset), successorBase, successorBase == bases.Max);
            _progress?.Report(new VerifyProgress(++done, bases.Count, _bytesDone));
        }
        return new VerifyReport(bases.Count, _recordCount, _faults, _unfinishedBytes);
    }

    private Manifest? ReadManifest(SortedSet<long> bases)
    {
        var path = _store.PathOf(SegmentName.Manifest);
        try
        {
            if (_files.Stat(path) is null) throw new WalAbsentException(path, "a MANIFEST");
            var manifest = Manifest.Decode(_files.ReadWhole(path), path);
            _store = _store with { LogId = manifest.LogId };
            return manifest;
        }
        catch (WalFaultException e)
        {
            Report(LogFault.Of(e));
            // The segments tell which log it is: enough to verify them against each other.
            if (bases.Count > 0 && SegmentProbe.TryReadLogId(_store, bases.Min) is { } logId) _store = _store with { LogId = logId };
            return null;
        }
    }

    private static bool IsDeleted(Manifest? manifest, long offset) => manifest?.DeletedRanges.Any(range => range.Contains(offset)) == true;

    /// <returns>Where the successor must start.</returns>
    private long VerifySealed(long baseOffset, SealedSegment known, long successorBase, bool isLastButOne)
    {
        var next = known.NextOffset > baseOffset ? known.NextOffset : successorBase;
        Guarded(() =>
        {
            // One that the MANIFEST does not know has been neither compressed nor archived.
            var segment = known.NextOffset > 0 ? known : new SealedSegment(baseOffset, next, 0, SegmentState.Sealed, 0, 0);
            var (log, header) = _store.OpenSealed(segment);
            using (log)
            using (var index = _store.TryOpenIndex(segment))
            {
                PositionTable? entries = null;
                var slot = index is null ? null : SegmentIndexReader.TryRead(index, header, out entries);
                if (known.NextOffset == 0 && slot is { State: IndexState.Sealed }) next = slot.Value.Watermark.NextOffset;
                var walk = SegmentProbe.Walk(log, header, entries, log.LengthBytes, next, Report);
                _recordCount += walk.ValidCount;
                _bytesDone += log.LengthBytes;
                if (known.SizeBytes > 0 && log.LengthBytes != SegmentHeader.SizeBytes + known.SizeBytes)
                    Report(new LogFault(log.Path, Math.Min(log.LengthBytes, SegmentHeader.SizeBytes + known.SizeBytes), null, $"{SegmentHeader.SizeBytes + known.SizeBytes} bytes", $"{log.LengthBytes} bytes"));
                // A crash may have come between the last segment's name and this one's mark: the next opening finishes the seal.
                if (known.NextOffset == 0 && isLastButOne && walk.IsWhole && slot is not { State: IndexState.Sealed }) return;
                VerifyIndex(header, slot, entries, walk, next);
            }
        });
        return next;
    }

    private void VerifyIndex(SegmentHeader header, IndexSlot? slot, PositionTable? entries, SegmentProbe.WalkResult walk, long next)
    {
        var path = _store.IndexPath(header.BaseOffset);
        if (slot is not { State: IndexState.Sealed })
        {
            Report(new LogFault(path, 0, null, "a sealed mark", slot is null ? "no slot that validates" : "none"));
            return;
        }
        if (slot.Value.Watermark.NextOffset != next) Report(new LogFault(path, slot.Value.WriteAt, null, $"next offset {next}", $"{slot.Value.Watermark.NextOffset}"));
        if (entries is null) Report(new LogFault(path, IndexSlot.EntriesAt, null, "entries that match their checksum", "others"));
        else if (walk.IsWhole)
            for (var i = 0; i < Math.Min(entries.Count, walk.Positions.Count); i++)
                if (entries[i] != walk.Positions[i])
                    Report(new LogFault(path, IndexSlot.EntriesAt + (long)i * IndexSlot.EntryBytes, header.BaseOffset + i, $"position {walk.Positions[i]}", $"{entries[i]}"));
    }

    private long? VerifyLast(long baseOffset)
    {
        long? next = null;
        Guarded(() =>
        {
            var (log, header) = _store.OpenLog(baseOffset, FileAccessMode.Read);
            using (log)
            {
                var survey = TailSurvey.Of(_store, log, header, trustCleanMark: false);
                _recordCount += survey.End.NextOffset - baseOffset;
                _bytesDone += log.LengthBytes;
                next = survey.End.NextOffset;
                SegmentRecovery.ThrowIfDamaged(_store, baseOffset, survey);
                _unfinishedBytes = survey.TailBytes;
            }
        });
        return next;
    }

    private void Guarded(Action verify)
    {
        try
        {
            verify();
        }
        catch (WalFaultException e)
        {
            Report(LogFault.Of(e));
        }
        catch (WalIOException e) when (e.Path is var path && !path.StartsWith(_store.Directory, StringComparison.Ordinal))
        {
            // An archive out of reach says nothing about the rest of the log.
            Report(new LogFault(path, 0, null, "an archive within reach", e.Message));
        }
    }

    private void Report(LogFault fault)
    {
        if (_faults.Count < MaxFaults) _faults.Add(fault);
    }
}
