using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// The file <c>DELETING</c>: the segments that a deletion is about to remove, one log file's name a line. It is on the
/// disk before the MANIFEST calls them deleted, and it is removed once the removal of their files is on the disk. So an
/// opening can tell the files that an interrupted deletion left, which it removes, from files that a person put there,
/// which it sets aside.
/// </summary>
internal static class DeletionNote
{
    /// <summary>
    /// Writes the note, and returns when it is on the disk. Where there is no room it is left out, because the deletion
    /// makes room; files that a crash then leaves are set aside.
    /// </summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static void Write(SegmentFiles segmentFiles, IEnumerable<SealedSegment> gone)
    {
        var path = segmentFiles.PathOf(SegmentName.Deleting);
        var lines = string.Concat(gone.Select(segment => SegmentName.Log(segment.BaseOffset) + "\n"));
        try
        {
            segmentFiles.Disk.WriteWhole(path, Encoding.ASCII.GetBytes(lines));
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
        }
        catch (WalIOException e)
        {
            Remove(segmentFiles);
            segmentFiles.Disk.TryDelete(path + WholeFile.TemporarySuffix);
            if (!e.IsOutOfSpace || e.IsFailedSync) throw;
        }
    }

    /// <summary>Removes the note of a deletion that did not happen.</summary>
    internal static void Remove(SegmentFiles segmentFiles) =>
        segmentFiles.Disk.TryDelete(segmentFiles.PathOf(SegmentName.Deleting));

    /// <summary>
    /// Removes the note once the removal of the files is on the disk. Earlier, a crash could leave files without a
    /// note.
    /// </summary>
    /// <returns>Why it is still there; null where it is gone.</returns>
    internal static WalIOException? Clear(SegmentFiles segmentFiles)
    {
        try
        {
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
            if (segmentFiles.Disk.TryDelete(segmentFiles.PathOf(SegmentName.Deleting)) is { } failure) return failure;
            // If a power cut brought the note back, the next opening would remove files that a person put back
            // meanwhile.
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
            return null;
        }
        catch (WalIOException e)
        {
            return e;
        }
    }

    /// <summary>The base offsets in the note; none where it is missing, no plain file, or holds no names.</summary>
    internal static IReadOnlySet<long> Read(SegmentFiles segmentFiles, DirectoryNames names)
    {
        var bases = new HashSet<long>();
        if (!names.HasDeletionNote || !names.IsPlain(SegmentName.Deleting)) return bases;
        var bytes = segmentFiles.Disk.ReadWhole(segmentFiles.PathOf(SegmentName.Deleting));
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        foreach (var line in lines)
            if (SegmentName.TryParse(line, SegmentName.LogSuffix, out var baseOffset)) bases.Add(baseOffset);
        return bases;
    }
}
