using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// What the archive may hold too much. Before anything is put there or taken from there, an empty file <c>NNNNNNNN.archiving</c> is made
/// beside the log, and removed when MANIFEST and archive agree again; so that a crash, or an archive out of reach, leaves a
/// note and the archive need never be listed.
/// </summary>
internal static class ArchiveMarks
{
    /// <summary>Makes marks, and returns when they are on the disk.</summary>
    internal static void Set(SegmentStore store, IEnumerable<SealedSegment> segments)
    {
        foreach (var segment in segments) store.Files.Open(store.PathOf(SegmentName.Archiving(segment.BaseOffset)), FileAccessMode.CreateOrTruncate).Dispose();
        store.Files.SyncDirectory(store.Directory);
    }

    /// <summary>MANIFEST and archive agree about a segment. A mark that comes back after a crash does no harm.</summary>
    internal static WalIOException? Clear(SegmentStore store, long baseOffset) => store.Files.TryDelete(store.PathOf(SegmentName.Archiving(baseOffset)));

    /// <summary>The base offsets of the segments that bear one.</summary>
    internal static IEnumerable<long> In(SegmentStore store)
    {
        foreach (var entry in store.Files.List(store.Directory))
            if (SegmentName.TryParse(entry.Name, SegmentName.ArchivingSuffix, out var baseOffset)) yield return baseOffset;
    }

    /// <summary>Removes from the archive what the MANIFEST does not call archived, for each mark there is.</summary>
    /// <param name="store">The log.</param>
    /// <param name="manifest">What the MANIFEST says.</param>
    /// <exception cref="WalException">The archive can't be reached: the marks stay.</exception>
    internal static void Settle(SegmentStore store, Manifest manifest)
    {
        var marked = In(store).ToList();
        if (marked.Count == 0) return;
        var archived = manifest.SealedSegments.Where(segment => (segment.State & SegmentState.Archived) != 0).Select(segment => segment.BaseOffset).ToHashSet();
        foreach (var baseOffset in marked.Where(archived.Contains)) Clear(store, baseOffset);
        if (marked.TrueForAll(archived.Contains)) return;
        var archive = SegmentArchiving.ReachableArchive(store, manifest);
        var gone = marked.Where(baseOffset => !archived.Contains(baseOffset)).ToList();
        archive.Delete(store.LogId, [.. gone.SelectMany(b => new[] { SegmentName.Log(b), SegmentName.Compressed(b), SegmentName.Index(b) })]);
        foreach (var baseOffset in gone) Clear(store, baseOffset);
    }
}
