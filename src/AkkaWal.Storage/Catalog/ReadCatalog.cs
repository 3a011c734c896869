using System.Buffers.Binary;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// What a log directory holds, as somebody sees it who neither locks it nor writes: the MANIFEST, then the chain of marks up to
/// the segment that bears none. Immutable: a look anew is another catalog.
/// </summary>
internal sealed class ReadCatalog
{
    private readonly SealedSegmentList _sealed;
    private readonly uint _manifestChecksum;

    /// <summary>What can be read of a log that nobody writes.</summary>
    internal ReadCatalog(LogJudgement judgement)
        : this(judgement.Store, judgement.Sealed, judgement.ActiveBase, judgement.ManifestChecksum) =>
            (Missing, DeletedRanges) = (judgement.Missing, judgement.Manifest?.DeletedRanges ?? []);

    private ReadCatalog(
        SegmentStore store, IEnumerable<SealedSegment> known, long activeBase, uint manifestChecksum) =>
        (Store, _sealed, ActiveBase, _manifestChecksum) = (store, new SealedSegmentList(known), activeBase, manifestChecksum);

    internal SegmentStore Store { get; }

    internal long ActiveBase { get; }

    internal long StartOffset
    {
        get
        {
            var first = _sealed.Count > 0 ? _sealed[0].BaseOffset : ActiveBase;
            return Missing.Count > 0 ? Math.Min(first, Missing[0].Range.First) : first;
        }
    }

    /// <summary>Segments that should be there and are not; they are none of the log's gaps.</summary>
    internal IReadOnlyList<MissingSegment> Missing { get; } = [];

    /// <summary>
    /// The error for an offset that a segment should hold of which nothing is there; null of any other.
    /// </summary>
    internal WalAbsentException? TellMissing(long offset)
    {
        foreach (var (range, name) in Missing)
            if (range.Contains(offset))
                return new WalAbsentException(
                    Store.PathOf(name), $"a segment of offsets {range.First} to {range.Next - 1}");
        return null;
    }

    /// <summary>The offsets between its segments that none of them holds.</summary>
    internal IReadOnlyList<OffsetRange> Gaps() => _sealed.Gaps(ActiveBase);

    /// <summary>What the MANIFEST calls deleted.</summary>
    internal IReadOnlyList<OffsetRange> DeletedRanges { get; private init; } = [];

    internal int SealedCount => _sealed.Count;

    internal IReadOnlyList<SealedSegment> Sealed => _sealed;

    /// <summary>Looks at the log of a writer that goes on meanwhile.</summary>
    /// <param name="store">Where it is; the log's id is not yet known.</param>
    /// <exception cref="WalFaultException">There is no log, or a file of it is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadCatalog BesideWriter(SegmentStore store)
    {
        var (manifest, checksum) = ReadManifest(store);
        store = store with { LogId = manifest.LogId };
        List<SealedSegment> known = [.. manifest.SealedSegments];
        var last = OffsetRanges.Behind(manifest.DeletedRanges, known.Count > 0 ? known[^1].NextOffset : manifest.StartOffset);
        // A mark is written when the successor is there, so the chain ends at what takes appends.
        while (SegmentIndexReader.TryReadSealedMark(store, last) is { } segment && store.Files.Stat(store.LogPath(segment.NextOffset)) is not null)
        {
            known.Add(segment);
            last = OffsetRanges.Behind(manifest.DeletedRanges, segment.NextOffset);
        }
        return new ReadCatalog(store, known, last, checksum) { DeletedRanges = manifest.DeletedRanges };
    }

    /// <exception cref="WalFaultException">It is missing or bad.</exception>
    internal static (Manifest Manifest, uint Checksum) ReadManifest(SegmentStore store)
    {
        var path = store.PathOf(SegmentName.Manifest);
        if (store.Files.Stat(path) is null) throw new WalAbsentException(path, "the MANIFEST of a log");
        var bytes = store.Files.ReadWhole(path);
        return (Manifest.Decode(bytes, path), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint))));
    }

    internal SealedSegment this[int index] => _sealed[index];

    /// <summary>Whether the MANIFEST has been replaced since: by a deletion, say.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal bool IsOutdated()
    {
        var path = Store.PathOf(SegmentName.Manifest);
        if (Store.Files.Stat(path) is not { Kind: WalEntryKind.File }) return true;
        using var file = Store.Files.Open(path, FileAccessMode.Read);
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        return file.Read(Math.Max(0, file.LengthBytes - checksum.Length), checksum) < checksum.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(checksum) != _manifestChecksum;
    }

    /// <summary>
    /// Where the log goes on, or should, behind an offset that it does not hold and that lies before its active
    /// segment: what is missing is no gap.
    /// </summary>
    internal long BehindGap(long offset)
    {
        var next = ActiveBase;
        foreach (var (range, _) in Missing)
            if (range.First >= offset) next = Math.Min(next, range.First);
        return Math.Min(next, _sealed.NextStart(offset) ?? ActiveBase);
    }

    /// <summary>Which sealed segment holds an offset; -1 where none does.</summary>
    internal int FindSealed(long offset) => _sealed.IndexOf(offset);
}
