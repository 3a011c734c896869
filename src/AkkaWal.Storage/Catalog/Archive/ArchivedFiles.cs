using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog.Archive;

/// <summary>
/// A segment's files in the archive. They are replaced or removed only where they are proved to be that segment's: the
/// same log, the same segment and, as far as the checksum is known, the same bytes.
/// </summary>
internal static class ArchivedFiles
{
    /// <summary>
    /// Removes files under a segment's names from one of the log's own places, where the MANIFEST does not list the
    /// segment as archived: a failed archiving or a deletion left them.
    /// </summary>
    /// <exception cref="WalForeignException">A file is of another log. All stay.</exception>
    /// <exception cref="WalIOException">The archive can't be reached.</exception>
    internal static void Remove(SegmentFiles segmentFiles, ISegmentArchive archive, long baseOffset, int place)
    {
        var id = segmentFiles.PlaceId(place);
        foreach (var name in new[] { SegmentName.Log(baseOffset), SegmentName.Compressed(baseOffset) })
            RequireOfLog(segmentFiles, archive, id, name, baseOffset);
        RemoveNames(archive, id, baseOffset);
    }

    /// <summary>Removes an archived segment's files from one of the log's own places.</summary>
    /// <exception cref="WalFaultException">The files are not proved to be that segment's. They stay.</exception>
    /// <exception cref="WalIOException">The archive can't be reached.</exception>
    internal static void Remove(SegmentFiles segmentFiles, ISegmentArchive archive, SealedSegment segment)
    {
        try
        {
            var (file, _) = segmentFiles.OpenSealed(segment);
            using (file) ProveEnds(file, segment);
        }
        catch (WalAbsentException)
        {
            // The log file is removed last, so an earlier try has removed all of them.
        }
        RemoveNames(archive, segmentFiles.PlaceId(segment.Place), segment.BaseOffset);
    }

    /// <summary>Stores a file in one of the log's own places, unless a different file stands there.</summary>
    /// <exception cref="WalForeignException">A different file stands there. It stays.</exception>
    /// <exception cref="WalIOException">The file could not be stored.</exception>
    internal static void Store(ISegmentArchive archive, Guid place, string name, IWalFile source)
    {
        IWalFile there;
        try
        {
            there = archive.Open(place, name);
        }
        catch (WalAbsentException)
        {
            archive.Store(place, name, source);
            return;
        }
        // An earlier try got as far as the rename, so the file there is whole: compare it.
        using (there)
        {
            if (there.LengthBytes == source.LengthBytes && there.HasSameBytesAs(source, 0, source.LengthBytes)) return;
            throw new WalForeignException(
                there.Path, 0, $"the bytes of {source.Path}", "others", "move it away and try again");
        }
    }

    // The log file last: as long as another file is left, it is there to prove which segment they belong to.
    private static void RemoveNames(ISegmentArchive archive, Guid id, long baseOffset) => archive.Delete(id,
    [
        SegmentName.Index(baseOffset),
        SegmentName.Proof(baseOffset),
        SegmentName.Compressed(baseOffset),
        SegmentName.Log(baseOffset),
    ]);

    private static void RequireOfLog(
        SegmentFiles segmentFiles, ISegmentArchive archive, Guid id, string name, long baseOffset)
    {
        IWalFile file;
        try
        {
            file = archive.Open(id, name);
        }
        catch (WalAbsentException)
        {
            return;
        }
        using (file)
        {
            var isPlain = name == SegmentName.Log(baseOffset);
            Span<byte> head = stackalloc byte[isPlain ? SegmentHeader.SizeBytes : CompressedHead.SizeBytes];
            var bytes = head[..file.Read(0, head)];
            if (isPlain) SegmentHeader.Decode(bytes, file.Path, segmentFiles.LogId, baseOffset);
            else CompressedHead.Decode(bytes, file.Path, segmentFiles.LogId, baseOffset);
        }
    }

    // Two logs with a common origin differ from some record on, so at least in a segment's last block. The whole file
    // is not read: it may be far away, and is about to be removed.
    private static void ProveEnds(IWalFile file, SealedSegment segment)
    {
        if (segment.ArchiveChecksum == 0) return;
        Span<byte> one = stackalloc byte[1];
        foreach (var position in new[] { SegmentHeader.SizeBytes, file.LengthBytes - 1 })
        {
            if (file.Read(position, one) == 1) continue;
            throw new WalDamagedException(file.Path, position, "a block that matches its checksum", "another");
        }
    }
}
