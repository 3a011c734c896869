using AkkaWal.Storage.Catalog.Archive;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Deletes sealed segments, all of them or none. First the MANIFEST calls them deleted, then their files are removed,
/// here and in the archive. A crash between the two leaves files that the next opening removes. An archive that is out
/// of reach does not stop a deletion: its files are removed once it can be reached.
/// </summary>
internal static class SegmentDeletion
{
    /// <summary>Deletes segments.</summary>
    /// <param name="segmentFiles">The log.</param>
    /// <param name="before">The current MANIFEST.</param>
    /// <param name="gone">The segments to delete. Each is in <paramref name="before"/>.</param>
    /// <exception cref="WalIOException">The deletion definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    internal static Outcome Run(SegmentFiles segmentFiles, Manifest before, IReadOnlyCollection<SealedSegment> gone)
    {
        var archived = gone.Where(segment => segment.IsArchived).ToList();
        try
        {
            if (archived.Count > 0)
            {
                TryFindOrMakeIdentity(segmentFiles);
                ArchiveMarks.Set(segmentFiles, archived);
            }
            if (archived.Count < gone.Count) DeletionNote.Write(segmentFiles, gone.Except(archived));
            ManifestSwitch.RunMakingRoom(segmentFiles, before.Without(gone), gone);
        }
        catch (WalException e) when (e is not WalOutcomeUnknownException)
        {
            foreach (var segment in archived) ArchiveMarks.Clear(segmentFiles, segment);
            DeletionNote.Remove(segmentFiles);
            throw;
        }
        var (freedBytes, left) = (0L, default(WalException));
        foreach (var segment in gone.Except(archived))
        {
            if (segmentFiles.Disk.TryDelete(segmentFiles.PathOf(segment.FileName)) is { } failure) left ??= failure;
            else freedBytes += segment.OccupiedBytes;
            left ??= segmentFiles.Disk.TryDelete(segmentFiles.IndexPath(segment.BaseOffset));
        }
        if (archived.Count < gone.Count) left ??= DeletionNote.Clear(segmentFiles);
        if (archived.Count == 0) return new Outcome(freedBytes, left);
        try
        {
            var archive = ArchivePlaces.ReachableArchive(segmentFiles, before);
            var identity = ArchivePlaces.FindOrMake(segmentFiles);
            foreach (var segment in archived)
            {
                if (TryDeleteArchived(segmentFiles, archive, identity, segment) is { } failure) left ??= failure;
                else freedBytes += segment.OccupiedBytes;
                ArchiveMarks.Clear(segmentFiles, segment);
            }
        }
        catch (WalException e)
        {
            left ??= e;
        }
        return new Outcome(freedBytes, left);
    }

    // A lack of room is no error here: the deletion makes room.
    private static void TryFindOrMakeIdentity(SegmentFiles segmentFiles)
    {
        try
        {
            ArchivePlaces.FindOrMake(segmentFiles);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
        }
    }

    private static WalFaultException? TryDeleteArchived(
        SegmentFiles segmentFiles, ISegmentArchive archive, LogIdentity identity, SealedSegment segment)
    {
        segmentFiles.ThrowIfLost();
        if (!ArchivePlaces.IsOwn(segmentFiles, archive, identity, segment.Place))
        {
            // The place is another log's, which may need the file.
            var path = segmentFiles.ArchivedPath(segment.Place, segment.FileName);
            return new WalForeignException(
                path, 0, "a place that is this log's", "that of the log that it was copied from", "it stays there");
        }
        try
        {
            ArchivedFiles.Remove(segmentFiles, archive, segment);
            return null;
        }
        catch (WalFaultException e)
        {
            return e;
        }
    }

    /// <summary>What a deletion did.</summary>
    /// <param name="BytesFreed">The bytes that the removed segments' records took where they were.</param>
    /// <param name="LeftBehind">
    /// Why a file could not be removed; null where all were. The next opening tries again.
    /// </param>
    internal readonly record struct Outcome(long BytesFreed, WalException? LeftBehind);
}
