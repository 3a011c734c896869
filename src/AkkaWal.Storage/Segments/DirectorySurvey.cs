using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// What a log directory holds when it is opened: names against MANIFEST. Sealed segments that the MANIFEST knows are not opened;
/// those sealed since (a bounded number) are asked for their mark.
/// </summary>
internal sealed class DirectorySurvey
{
    private readonly IWalFileSystem _files;
    private readonly Action<string> _note;
    private readonly Dictionary<long, WalDirectoryEntry> _logs = [];
    private readonly List<SealedSegment> _sealed = [];

    private DirectorySurvey(IWalFileSystem files, SegmentStore store, Action<string> note) => (_files, Store, _note) = (files, store, note);

    internal SegmentStore Store { get; private set; }

    internal IReadOnlyList<SealedSegment> Sealed => _sealed;

    internal IReadOnlyList<OffsetRange> DeletedRanges { get; private set; } = [];

    internal long ActiveBase { get; private set; }

    /// <summary>Whether the MANIFEST must be written anew before the log is used.</summary>
    internal bool IsManifestStale { get; private set; }

    internal static DirectorySurvey Of(IWalFileSystem files, string directory, WalOptions options, Action<string> note)
    {
        var survey = new DirectorySurvey(files, new SegmentStore(files, directory, Guid.Empty, options), note);
        var hasManifest = survey.LookAtNames();
        var manifest = hasManifest ? survey.ReadManifest() : survey.StartNewLog();
        survey.Store = survey.Store with { LogId = manifest.LogId };
        survey.DeletedRanges = manifest.DeletedRanges;
        survey.RemoveLeftovers(manifest);
        survey.TakeKnown(manifest);
        survey.TakeUnknown(manifest);
        return survey;
    }

    private bool LookAtNames()
    {
        var hasManifest = false;
        foreach (var entry in _files.List(Store.Directory))
        {
            if (entry.Name == SegmentName.Manifest) hasManifest = true;
            else if (SegmentName.TryParse(entry.Name, SegmentName.LogSuffix, out var baseOffset))
            {
                if (entry.Kind != WalEntryKind.File) throw new WalDamagedException(Store.PathOf(entry.Name), 0, "a segment", "a link or another thing that is no plain file");
                _logs[baseOffset] = entry;
            }
            else if (entry.Kind == WalEntryKind.File && IsOwnTemporary(entry.Name)) _files.Delete(Store.PathOf(entry.Name));
            else if (!IsOwn(entry.Name)) _note($"left alone, not of the log: {Store.PathOf(entry.Name)}");
        }
        return hasManifest;
    }

    private static bool IsOwn(string name) =>
        name is SegmentName.Lock or SegmentName.SetAside || SegmentName.TryParse(name, SegmentName.IndexSuffix, out _);

    private static bool IsOwnTemporary(string name)
    {
        if (!name.EndsWith(WholeFile.TemporarySuffix, StringComparison.Ordinal)) return false;
        var stem = name[..^WholeFile.TemporarySuffix.Length];
        return stem == SegmentName.Manifest
            || SegmentName.TryParse(stem, SegmentName.LogSuffix, out _)
            || SegmentName.TryParse(stem, SegmentName.IndexSuffix, out _);
    }

    private Manifest ReadManifest()
    {
        var path = Store.PathOf(SegmentName.Manifest);
        return Manifest.Decode(_files.ReadWhole(path), path);
    }

    private Manifest StartNewLog()
    {
        if (_logs.Count > 0)
            throw new WalDamagedException(Store.PathOf(SegmentName.Manifest), 0, $"a MANIFEST beside {_logs.Count} segments", "no file");
        var manifest = new Manifest(Guid.NewGuid(), 0, false, [], []);
        Store.SaveManifest(manifest);
        return manifest;
    }

    // The MANIFEST is written before the files go, so what it calls deleted may still be there after a crash.
    private void RemoveLeftovers(Manifest manifest)
    {
        foreach (var baseOffset in _logs.Keys.Where(b => manifest.DeletedRanges.Any(range => range.Contains(b))).ToList())
        {
            _files.Delete(Store.LogPath(baseOffset));
            if (_files.Stat(Store.IndexPath(baseOffset)) is not null) _files.Delete(Store.IndexPath(baseOffset));
            _logs.Remove(baseOffset);
        }
    }

    private void TakeKnown(Manifest manifest)
    {
        foreach (var segment in manifest.SealedSegments)
        {
            if (!_logs.Remove(segment.BaseOffset, out var entry))
                throw new WalDamagedException(Store.LogPath(segment.BaseOffset), 0, "a sealed segment that nobody deleted", "no file");
            var length = SegmentHeader.SizeBytes + segment.SizeBytes;
            if (entry.LengthBytes != length)
                _note($"{Store.LogPath(segment.BaseOffset)} is damaged: expected {length} bytes, found {entry.LengthBytes}");
            _sealed.Add(segment);
        }
    }

    private void TakeUnknown(Manifest manifest)
    {
        var bases = _logs.Keys.Order().ToList();
        var expected = _sealed.Count > 0 ? _sealed[^1].NextOffset : manifest.StartOffset;
        if (bases.Count == 0)
        {
            if (manifest.HasSegments) throw new WalDamagedException(Store.LogPath(expected), 0, "the active segment", "no file");
            Store.CreateSegment(expected);
            bases.Add(expected);
        }
        IsManifestStale = bases.Count > 1 || !manifest.HasSegments;
        for (var i = 0; i < bases.Count; i++)
        {
            if (bases[i] != expected) throw new WalDamagedException(Store.LogPath(expected), 0, "a segment", $"none before {SegmentName.Log(bases[i])}");
            if (i == bases.Count - 1) break;
            var segment = SealedSince(bases[i], bases[i + 1]);
            _sealed.Add(segment);
            expected = segment.NextOffset;
        }
        ActiveBase = expected;
    }

    private SealedSegment SealedSince(long baseOffset, long nextBase) =>
        SegmentIndexReader.TryReadSealedMark(Store, baseOffset) ?? SegmentRecovery.FinishSeal(Store, baseOffset, nextBase);
}
