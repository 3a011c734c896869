using System.Buffers.Binary;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// The segments of a log directory as seen by a reader, which neither locks nor writes it: those in the MANIFEST, then
/// one segment after the other as long as each has a sealed mark. Immutable: another look makes another catalog.
/// </summary>
internal sealed class ReadCatalog
{
    private readonly SealedSegmentList _sealed;
    private readonly uint _manifestChecksum;

    /// <summary>The catalog of a log that has no writer.</summary>
    internal ReadCatalog(LogCheckResult check)
        : this(check.SegmentFiles, check.Sealed, check.ActiveBase, check.ManifestChecksum) =>
            (Missing, Manifest) = (check.Missing, check.Manifest);

    private ReadCatalog(
        SegmentFiles segmentFiles, IEnumerable<SealedSegment> known, long activeBase, uint manifestChecksum) =>
        (SegmentFiles, _sealed, ActiveBase, _manifestChecksum) =
            (segmentFiles, new SealedSegmentList(known), activeBase, manifestChecksum);

    internal SegmentFiles SegmentFiles { get; }

    internal long ActiveBase { get; }

    internal long StartOffset
    {
        get
        {
            var first = _sealed.Count > 0 ? _sealed[0].BaseOffset : ActiveBase;
            return Missing.Count > 0 ? Math.Min(first, Missing[0].Range.First) : first;
        }
    }

    /// <summary>Segments that should exist and are missing. They do not count as gaps.</summary>
    internal IReadOnlyList<MissingSegment> Missing { get; } = [];

    /// <summary>
    /// The error for an offset whose segment should exist and is missing; null for any other offset.
    /// </summary>
    internal WalAbsentException? ErrorOfMissing(long offset)
    {
        foreach (var (range, name) in Missing)
            if (range.Contains(offset))
                return new WalAbsentException(
                    SegmentFiles.PathOf(name), $"a segment of offsets {range.First} to {range.Next - 1}");
        return null;
    }

    /// <summary>The ranges of offsets between the segments, and before the active one, that no segment holds.</summary>
    internal IReadOnlyList<OffsetRange> Gaps() => _sealed.Gaps(ActiveBase);

    /// <summary>The ranges of offsets that the MANIFEST calls deleted.</summary>
    internal IReadOnlyList<OffsetRange> DeletedRanges => Manifest?.DeletedRanges ?? [];

    /// <summary>The MANIFEST, or a substitute where it is missing or bad; null where it is newer.</summary>
    internal Manifest? Manifest { get; private init; }

    internal int SealedCount => _sealed.Count;

    internal IReadOnlyList<SealedSegment> Sealed => _sealed;

    /// <summary>Looks at a log while a writer goes on with it.</summary>
    /// <param name="segmentFiles">Where the log is. Its id is not known yet.</param>
    /// <exception cref="WalFaultException">There is no log, or a file of it is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadCatalog BesideWriter(SegmentFiles segmentFiles)
    {
        var (manifest, checksum) = ReadManifest(segmentFiles);
        segmentFiles = segmentFiles with { LogId = manifest.LogId };
        List<SealedSegment> known = [.. manifest.SealedSegments];
        var behindKnown = known.Count > 0 ? known[^1].NextOffset : manifest.StartOffset;
        var last = OffsetRanges.Behind(manifest.DeletedRanges, behindKnown);
        // A mark is written after the successor was created, so the chain ends at the segment that takes appends.
        while (SegmentIndexReader.TryReadSealedMark(segmentFiles, last) is { } segment
            && segmentFiles.Disk.Stat(segmentFiles.LogPath(segment.NextOffset)) is not null)
        {
            known.Add(segment);
            last = OffsetRanges.Behind(manifest.DeletedRanges, segment.NextOffset);
        }
        return new ReadCatalog(segmentFiles, known, last, checksum) { Manifest = manifest };
    }

    /// <exception cref="WalFaultException">The MANIFEST is missing or bad.</exception>
    internal static (Manifest Manifest, uint Checksum) ReadManifest(SegmentFiles segmentFiles)
    {
        var path = segmentFiles.PathOf(SegmentName.Manifest);
        if (segmentFiles.Disk.Stat(path) is null) throw new WalAbsentException(path, "the MANIFEST of a log");
        var bytes = segmentFiles.Disk.ReadWhole(path);
        var manifest = Manifest.Decode(bytes, path);
        return (manifest, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint))));
    }

    internal SealedSegment this[int index] => _sealed[index];

    /// <summary>Whether the MANIFEST was replaced since this look, for instance by a deletion.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal bool IsOutdated()
    {
        var path = SegmentFiles.PathOf(SegmentName.Manifest);
        if (SegmentFiles.Disk.Stat(path) is not { Kind: WalEntryKind.File }) return true;
        using var file = SegmentFiles.Disk.Open(path, FileAccessMode.Read);
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        return file.Read(Math.Max(0, file.LengthBytes - checksum.Length), checksum) < checksum.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(checksum) != _manifestChecksum;
    }

    /// <summary>
    /// Where the log goes on behind an offset that it does not hold and that lies before the active segment: the start
    /// of the next segment, present or missing.
    /// </summary>
    internal long BehindGap(long offset)
    {
        var next = ActiveBase;
        foreach (var (range, _) in Missing)
            if (range.First >= offset) next = Math.Min(next, range.First);
        return Math.Min(next, _sealed.NextStart(offset) ?? ActiveBase);
    }

    /// <summary>The index of the sealed segment that holds an offset; -1 where none does.</summary>
    internal int FindSealed(long offset) => _sealed.IndexOf(offset);
}
