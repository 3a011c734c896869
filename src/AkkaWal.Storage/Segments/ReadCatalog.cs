using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// What a log directory holds, as somebody sees it who neither locks it nor writes: the MANIFEST, then the chain of marks up to
/// the segment that bears none. Immutable: a look anew is another catalog.
/// </summary>
internal sealed class ReadCatalog
{
    private readonly List<SealedSegment> _sealed;

    private ReadCatalog(SegmentStore store, List<SealedSegment> known, long activeBase) => (Store, _sealed, ActiveBase) = (store, known, activeBase);

    internal SegmentStore Store { get; }

    internal long ActiveBase { get; }

    internal long StartOffset => _sealed.Count > 0 ? _sealed[0].BaseOffset : ActiveBase;

    internal int SealedCount => _sealed.Count;

    /// <exception cref="WalDamagedException">There is no log, or a file of it is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadCatalog Of(IWalFileSystem files, string directory, ISegmentArchive? archive)
    {
        var path = Path.Combine(directory, SegmentName.Manifest);
        if (files.Stat(path) is null) throw new WalDamagedException(path, 0, "the MANIFEST of a log", "no file");
        var manifest = Manifest.Decode(files.ReadWhole(path), path);
        var store = new SegmentStore(files, directory, manifest.LogId, new WalOptions { Archive = archive });
        List<SealedSegment> known = [.. manifest.SealedSegments];
        var last = OffsetRanges.Behind(manifest.DeletedRanges, known.Count > 0 ? known[^1].NextOffset : manifest.StartOffset);
        // A mark is written when the successor is there, so the chain ends at what takes appends.
        while (SegmentIndexReader.TryReadSealedMark(store, last) is { } segment && files.Stat(store.LogPath(segment.NextOffset)) is not null)
        {
            known.Add(segment);
            last = OffsetRanges.Behind(manifest.DeletedRanges, segment.NextOffset);
        }
        return new ReadCatalog(store, known, last);
    }

    internal SealedSegment this[int index] => _sealed[index];

    /// <summary>Where the log goes on behind an offset that it does not hold and that lies before its active segment.</summary>
    internal long BehindGap(long offset)
    {
        foreach (var segment in _sealed)
            if (segment.BaseOffset >= offset) return segment.BaseOffset;
        return ActiveBase;
    }

    /// <summary>Which sealed segment holds an offset; -1 where none does.</summary>
    internal int FindSealed(long offset)
    {
        var (low, high) = (0, _sealed.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var segment = _sealed[middle];
            if (offset < segment.BaseOffset) high = middle - 1;
            else if (offset >= segment.NextOffset) low = middle + 1;
            else return middle;
        }
        return -1;
    }
}
