using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// What can be read of a log that nobody writes, damaged or not: a look at every name, as an opening has it, that changes nothing. What
/// an opening would refuse is told, and what lies before it is there to be read.
/// </summary>
internal sealed class ReadSurvey
{
    private readonly HashSet<long> _logs = [];
    private readonly HashSet<long> _compressed = [];
    private SegmentStore _store;

    private ReadSurvey(SegmentStore store)
    {
        _store = store;
        foreach (var entry in store.Files.List(store.Directory))
        {
            var names = SegmentName.TryParse(entry.Name, SegmentName.LogSuffix, out var baseOffset) ? _logs
                : SegmentName.TryParse(entry.Name, SegmentName.CompressedSuffix, out baseOffset) ? _compressed : null;
            if (names is null) continue;
            if (entry.Kind == WalEntryKind.File) names.Add(baseOffset);
            else Damage ??= DirectoryNames.NoPlainFile(store.PathOf(entry.Name));
        }
    }

    internal ReadCatalog Catalog { get; private set; } = null!;

    /// <summary>The last segment; null where there is none to be read.</summary>
    internal WatchedTail? Tail { get; private set; }

    /// <summary>The first thing that keeps the log from being opened for writing; null where nothing does.</summary>
    internal WalFaultException? Damage { get; private set; }

    /// <summary>Looks at a log.</summary>
    /// <param name="store">Where it is; the log's id is not yet known.</param>
    /// <exception cref="WalDamagedException">There is nothing that tells which log it is.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadSurvey Of(SegmentStore store)
    {
        var survey = new ReadSurvey(store);
        survey.Look();
        return survey;
    }

    private void Look()
    {
        var (manifest, checksum) = ReadOrGuessManifest();
        _store = _store with { LogId = manifest.LogId };
        List<SealedSegment> known = [.. manifest.SealedSegments];
        foreach (var segment in known) RequireFile(segment);
        var last = OffsetRanges.Behind(manifest.DeletedRanges, known.Count > 0 ? known[^1].NextOffset : manifest.StartOffset);
        while (TryReadMark(last) is { } marked && _logs.Contains(OffsetRanges.Behind(manifest.DeletedRanges, marked.NextOffset)))
        {
            known.Add(marked);
            last = OffsetRanges.Behind(manifest.DeletedRanges, marked.NextOffset);
        }
        Catalog = new ReadCatalog(_store, known, last, checksum);
        OpenTail(last, manifest);
    }

    // Without a MANIFEST the segments tell which log it is; what was compressed or archived is not to be found then.
    private (Manifest Manifest, uint Checksum) ReadOrGuessManifest()
    {
        try
        {
            return ReadCatalog.ReadManifest(_store);
        }
        catch (WalFaultException e) when (e is not WalNewerVersionException)
        {
            Damage ??= e;
            var logId = _logs.Order().Select(baseOffset => SegmentProbe.TryReadLogId(_store, baseOffset)).FirstOrDefault(id => id is not null);
            if (logId is null) throw;
            return (new Manifest(logId.Value, _logs.Min(), true, [], []), 0);
        }
    }

    private void RequireFile(SealedSegment segment)
    {
        if ((segment.State & SegmentState.Archived) != 0) return;
        var names = (segment.State & SegmentState.Compressed) != 0 ? _compressed : _logs;
        if (!names.Contains(segment.BaseOffset))
            Damage ??= new WalAbsentException(_store.PathOf(SegmentArchiving.NameOf(segment)), "a sealed segment that nobody deleted");
    }

    private SealedSegment? TryReadMark(long baseOffset)
    {
        if (!_logs.Contains(baseOffset)) return null;
        try
        {
            return SegmentIndexReader.TryReadSealedMark(_store, baseOffset);
        }
        catch (WalFaultException)
        {
            // The tail's opening tells.
            return null;
        }
    }

    private void OpenTail(long baseOffset, Manifest manifest)
    {
        try
        {
            if (_logs.Contains(baseOffset))
            {
                Tail = WatchedTail.OpenWhole(_store, baseOffset, out var damage);
                Damage ??= damage;
            }
            else if (manifest.HasSegments) Damage ??= new WalAbsentException(_store.LogPath(baseOffset), "a segment");
        }
        catch (WalFaultException e)
        {
            Damage ??= e;
        }
        // One successor may be there that nothing was acknowledged in: the crash came before the mark.
        var later = _logs.Where(other => other > baseOffset && !OffsetRanges.Contains(manifest.DeletedRanges, other)).Order().ToList();
        if (later.Count > 0 && !(later.Count == 1 && Tail?.EndsWholeAt(later[0]) == true))
            Damage ??= new WalDamagedException(_store.LogPath(baseOffset), 0, $"a segment that is sealed and ends at offset {later[0] - 1}", Tail is null ? "none" : $"one that ends at offset {Tail.NextOffset - 1}");
    }
}
