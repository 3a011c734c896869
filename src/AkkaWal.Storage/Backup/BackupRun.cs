using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Backup;

/// <summary>
/// Copies the segments of one log to a destination, oldest first. Where a segment changes its form or is deleted before
/// it was copied, the run looks at the log again.
/// </summary>
internal sealed class BackupRun
{
    // After a failure the log is looked at again. A segment whose entry has not changed is tried this often in all.
    private const int MaxTriesOfOneEntry = 3;

    private readonly BackupPlace _place;
    private readonly IProgress<BackupProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly SegmentCopier _copier;
    private readonly Dictionary<long, SealedSegment> _held = [];
    private BackupView _view;
    private long _current, _bytesCopied, _bytesDone;
    private int _copied, _reused;
    private (Watermark End, long DurableNextOffset) _last;

    internal BackupRun(
        BackupView view, BackupPlace place, IProgress<BackupProgress>? progress, CancellationToken cancellation)
    {
        (_view, _place, _progress, _cancellation) = (view, place, progress, cancellation);
        _copier = new SegmentCopier(place.Files, place.Directory, place.Suffix, NoteCopied);
    }

    /// <summary>The copy's MANIFEST, once all segments are copied.</summary>
    internal Manifest Manifest { get; private set; } = null!;

    /// <summary>The bytes of the copy's IDENTITY, once all segments are copied.</summary>
    internal byte[] Identity { get; private set; } = null!;

    /// <summary>Copies the segments that the destination does not have.</summary>
    /// <exception cref="WalFaultException">A segment is damaged, or the destination holds something else.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    /// <exception cref="OperationCanceledException">The backup was cancelled.</exception>
    internal BackupReport Copy()
    {
        var isProved = false;
        (long Base, (SealedSegment?, bool) Entry, int Count) tried = default;
        while (true)
        {
            try
            {
                _current = _place.Older?.ActiveBase ?? 0;
                if (!isProved) _place.Older?.RequireTailIn(_view);
                isProved = true;
                return CopyAll();
            }
            catch (WalException e) when (e is WalFaultException || IsInSource(e))
            {
                if (e is WalFaultException fault && _place.Holds(fault.Path)) throw;
                var (before, entry) = (_view, _view.EntryOf(_current));
                _view = BackupView.Of(before.Root);
                var hasMoved = _view.SegmentFiles.Directory != before.SegmentFiles.Directory;
                if (hasMoved || _view.EntryOf(_current) != entry) continue;
                var isSame = tried.Base == _current && tried.Entry == entry;
                tried = (_current, entry, isSame ? tried.Count + 1 : 1);
                if (e is WalIOException || tried.Count >= MaxTriesOfOneEntry) throw;
            }
        }
    }

    private bool IsInSource(WalException e) =>
        e is WalIOException io && io.Path.StartsWith(_view.Root.Directory + "/", StringComparison.Ordinal);

    private BackupReport CopyAll()
    {
        _bytesDone = 0;
        List<SealedSegment> segments = [];
        foreach (var segment in _view.Catalog.Sealed)
        {
            _cancellation.ThrowIfCancellationRequested();
            _current = segment.BaseOffset;
            var before = _bytesDone;
            segments.Add(CopyOrReuse(segment));
            _bytesDone = before + BytesOf(segment);
            ReportProgress(segments.Count);
        }
        var next = _view.Catalog.ActiveBase;
        _last = (new Watermark(next, 0), next);
        if (_view.HasActive)
        {
            _current = next;
            _last = _copier.CopyActive(_view.SegmentFiles, next);
            // A former owner may still write to the file that it had: those records are not the log's.
            if (_view.HasMoved())
                throw new WalAbsentException(_view.SegmentFiles.LogPath(next), "the log, which was moved meanwhile");
            ReportProgress(segments.Count + 1);
        }
        Manifest = _view.ManifestOf(segments);
        Identity = IdentityFile.EncodeForCopy(_view.SegmentFiles);
        return new BackupReport(
            _copied + (_view.HasActive ? 1 : 0), _reused, _bytesCopied, Manifest.StartOffset, _last.End.NextOffset,
            _last.DurableNextOffset);
    }

    // A copy from before the last look is kept even where the segment has another form by now: the records are the
    // same.
    private SealedSegment CopyOrReuse(SealedSegment segment)
    {
        if (_held.TryGetValue(segment.BaseOffset, out var held) && held.Range == segment.Range) return held;
        if (_place.Older?.Find(_view.SegmentFiles, segment) is { } older)
        {
            held = older;
            _reused++;
        }
        else
        {
            held = _copier.CopySealed(_view.SegmentFiles, segment);
            _copied++;
        }
        _held[segment.BaseOffset] = held;
        return held;
    }

    private static long BytesOf(SealedSegment segment) => segment.IsCompressed
        ? segment.StoredBytes
        : SegmentHeader.SizeBytes + segment.SizeBytes;

    private void NoteCopied(int bytes)
    {
        _cancellation.ThrowIfCancellationRequested();
        _bytesCopied += bytes;
        _bytesDone += bytes;
        ReportProgress(_copied + _reused);
    }

    private void ReportProgress(int done)
    {
        if (_progress is null) return;
        var total = _view.Catalog.Sealed.Sum(BytesOf);
        _progress.Report(new BackupProgress(done, _view.SegmentCount, _bytesDone, Math.Max(total, _bytesDone)));
    }
}
