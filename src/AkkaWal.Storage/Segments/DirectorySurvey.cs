using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// What a log directory holds when it is opened: names against MANIFEST. Sealed segments that the MANIFEST knows are not opened;
/// those sealed since (a bounded number) are asked for their mark. What the MANIFEST says is not there any more goes now.
/// </summary>
internal sealed class DirectorySurvey
{
    private readonly IWalFileSystem _files;
    private readonly Action<string> _note;
    private readonly DirectoryNames _names;
    private readonly List<SealedSegment> _sealed = [];

    private DirectorySurvey(SegmentStore store, Action<string> note)
    {
        (_files, Store, _note) = (store.Files, store, note);
        _names = DirectoryNames.In(store, note);
    }

    internal SegmentStore Store { get; private set; }

    internal IReadOnlyList<SealedSegment> Sealed => _sealed;

    internal IReadOnlyList<OffsetRange> DeletedRanges { get; private set; } = [];

    internal long ActiveBase { get; private set; }

    /// <summary>Whether the archive may hold what the MANIFEST does not call archived.</summary>
    internal bool HasArchiveMarks => _names.HasArchiveMarks;

    /// <summary>Whether the log has an identity towards the archive, or is a copy of one that had.</summary>
    internal bool HasIdentity => _names.HasIdentity;

    /// <summary>Whether the MANIFEST is to be written anew before the log is used.</summary>
    internal bool IsManifestStale { get; private set; }

    /// <summary>Whether names and marks say all that a new MANIFEST would: a full disk need not keep the log from its readers.</summary>
    internal bool CanManifestWait { get; private set; }

    internal static DirectorySurvey Of(IWalFileSystem files, string directory, WalOptions options, Action<string> note)
    {
        var survey = new DirectorySurvey(new SegmentStore(files, directory, Guid.Empty, options) { Courtesies = new Courtesies(note) }, note);
        var manifest = survey._names.HasManifest ? survey.ReadManifest() : survey.StartNewLog();
        survey.Store = survey.Store with { LogId = manifest.LogId };
        survey.DeletedRanges = manifest.DeletedRanges;
        survey.TakeKnown(manifest);
        survey.RemoveLeftovers(manifest);
        survey.TakeUnknown(manifest);
        survey.RemoveUnbornIndexes();
        return survey;
    }

    private Manifest ReadManifest()
    {
        var path = Store.PathOf(SegmentName.Manifest);
        return Manifest.Decode(_files.ReadWhole(path), path);
    }

    private Manifest StartNewLog()
    {
        if (_names.Logs.Count + _names.Compressed.Count is > 0 and var count)
            throw new WalAbsentException(Store.PathOf(SegmentName.Manifest), $"a MANIFEST beside {count} segments");
        var manifest = new Manifest(Guid.NewGuid(), 0, false, [], []);
        Store.SaveManifest(manifest);
        return manifest;
    }

    private void TakeKnown(Manifest manifest)
    {
        foreach (var segment in manifest.SealedSegments)
        {
            _sealed.Add(segment);
            // An archive out of reach must not keep a log from being opened.
            if ((segment.State & SegmentState.Archived) != 0) continue;
            var isCompressed = (segment.State & SegmentState.Compressed) != 0;
            if (!(isCompressed ? _names.Compressed : _names.Logs).Remove(segment.BaseOffset))
                throw new WalAbsentException(Store.PathOf(SegmentArchiving.NameOf(segment)), "a sealed segment that nobody deleted");
        }
    }

    // The MANIFEST is written before files go and after others are put in their place: a crash between leaves one too many.
    private void RemoveLeftovers(Manifest manifest)
    {
        var known = manifest.SealedSegments.Select(segment => segment.BaseOffset).ToHashSet();
        bool IsLeftover(long baseOffset) => known.Contains(baseOffset) || OffsetRanges.Contains(manifest.DeletedRanges, baseOffset);
        foreach (var baseOffset in _names.Logs.Keys.Where(IsLeftover).ToList())
        {
            Remove(Store.LogPath(baseOffset));
            _names.Logs.Remove(baseOffset);
        }
        foreach (var baseOffset in _names.Compressed.Keys)
        {
            if (IsLeftover(baseOffset)) Remove(Store.CompressedPath(baseOffset));
            else _note($"left alone, of no segment that the MANIFEST knows: {Store.CompressedPath(baseOffset)}");
        }
        var archived = _sealed.Where(segment => (segment.State & SegmentState.Archived) != 0).Select(segment => segment.BaseOffset).ToHashSet();
        foreach (var baseOffset in _names.Indexes)
            if (archived.Contains(baseOffset) || OffsetRanges.Contains(manifest.DeletedRanges, baseOffset)) Remove(Store.IndexPath(baseOffset));
    }

    // What can't be removed takes space, and nothing else: the next opening tries again.
    private void Remove(string path)
    {
        if (_files.TryDelete(path) is { } failure) _note(failure.Message);
    }

    private void TakeUnknown(Manifest manifest)
    {
        var bases = _names.Logs.Keys.Order().ToList();
        var expected = OffsetRanges.Behind(DeletedRanges, _sealed.Count > 0 ? _sealed[^1].NextOffset : manifest.StartOffset);
        if (bases.Count == 0)
        {
            if (manifest.HasSegments) throw new WalAbsentException(Store.LogPath(expected), "the active segment");
            Store.CreateSegment(expected);
            bases.Add(expected);
        }
        IsManifestStale = bases.Count > 1 || !manifest.HasSegments;
        CanManifestWait = manifest.HasSegments;
        for (var i = 0; i < bases.Count; i++)
        {
            if (bases[i] != expected) throw new WalAbsentException(Store.LogPath(expected), $"a segment before {SegmentName.Log(bases[i])}");
            if (i == bases.Count - 1) break;
            var segment = SealedSince(bases[i], bases[i + 1]);
            _sealed.Add(segment);
            expected = OffsetRanges.Behind(DeletedRanges, segment.NextOffset);
        }
        ActiveBase = expected;
    }

    // A roll makes the index of its successor first, and may have come no farther.
    private void RemoveUnbornIndexes()
    {
        var unborn = _names.Indexes.Where(baseOffset => baseOffset > ActiveBase).ToList();
        // Behind a sealed mark the log file is what is missing: then nothing is changed.
        if (unborn.Count == 0 || SegmentIndexReader.TryReadSealedMark(Store, ActiveBase) is not null) return;
        foreach (var baseOffset in unborn) Remove(Store.IndexPath(baseOffset));
    }

    private SealedSegment SealedSince(long baseOffset, long nextBase) =>
        SegmentIndexReader.TryReadSealedMark(Store, baseOffset) ?? SegmentRecovery.FinishSeal(Store, baseOffset, nextBase);
}
