using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog.Archive;

/// <summary>
/// Marks of segments that the archive may hold although the MANIFEST does not say so. Before a file is stored in or
/// removed from the archive, an empty file <c>NNNNNNNN.archiving</c> is created beside the log. It is removed once
/// MANIFEST and archive agree again. So a crash, or an archive out of reach, leaves a mark, and the archive is never
/// listed. A mark of another place than the one with the log's id has the place's number in its name.
/// </summary>
internal static class ArchiveMarks
{
    /// <summary>Creates marks, and returns when they are on the disk.</summary>
    internal static void Set(SegmentFiles segmentFiles, IEnumerable<SealedSegment> segments)
    {
        foreach (var segment in segments)
        {
            var path = PathOf(segmentFiles, segment.BaseOffset, segment.Place);
            segmentFiles.Disk.Open(path, FileAccessMode.CreateOrTruncate).Dispose();
        }
        segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
    }

    /// <summary>Removes a segment's mark: MANIFEST and archive agree about the segment.</summary>
    /// <returns>Why it was not removed; null where it was. A mark that comes back after a crash does no harm.</returns>
    internal static WalIOException? Clear(SegmentFiles segmentFiles, SealedSegment segment) =>
        Clear(segmentFiles, segment.BaseOffset, segment.Place);

    /// <summary>Removes all marks because none of them is this log's, and returns when that is durable.</summary>
    /// <exception cref="WalIOException">A mark could not be removed.</exception>
    internal static void ClearAll(SegmentFiles segmentFiles)
    {
        var marks = DirectoryNames.In(segmentFiles).Marks;
        if (marks.Count == 0) return;
        foreach (var (baseOffset, place) in marks) segmentFiles.Disk.Delete(PathOf(segmentFiles, baseOffset, place));
        segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
    }

    /// <summary>Removes marked segments from the archive that the MANIFEST does not call archived.</summary>
    /// <param name="segmentFiles">The log.</param>
    /// <param name="manifest">What the MANIFEST says.</param>
    /// <exception cref="WalException">The archive can't be reached. The marks stay.</exception>
    internal static void RemoveUnlisted(SegmentFiles segmentFiles, Manifest manifest)
    {
        // This removes the marks of a copied log, and those of a version that knew no identities.
        var identity = ArchivePlaces.FindOrMake(segmentFiles);
        var archived = manifest.SealedSegments.Where(segment => segment.IsArchived)
            .Select(segment => (segment.BaseOffset, segment.Place)).ToHashSet();
        var marked = DirectoryNames.In(segmentFiles).Marks;
        foreach (var (baseOffset, place) in marked.Where(archived.Contains)) Clear(segmentFiles, baseOffset, place);
        marked.RemoveAll(archived.Contains);
        if (marked.Count == 0) return;
        var archive = ArchivePlaces.ReachableArchive(segmentFiles, manifest);
        foreach (var (baseOffset, place) in marked)
        {
            if (ArchivePlaces.IsOwn(segmentFiles, archive, identity, place))
                ArchivedFiles.Remove(segmentFiles, archive, baseOffset, place);
            Clear(segmentFiles, baseOffset, place);
        }
    }

    private static WalIOException? Clear(SegmentFiles segmentFiles, long baseOffset, int place) =>
        segmentFiles.Disk.TryDelete(PathOf(segmentFiles, baseOffset, place));

    private static string PathOf(SegmentFiles segmentFiles, long baseOffset, int place) =>
        segmentFiles.PathOf(SegmentName.Archiving(baseOffset, place));
}
