using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Judgement;
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
    /// <param name="store">The log.</param>
    /// <param name="before">The current MANIFEST.</param>
    /// <param name="gone">The segments to delete. Each is in <paramref name="before"/>.</param>
    /// <exception cref="WalIOException">The deletion definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    internal static Outcome Run(SegmentStore store, Manifest before, IReadOnlyCollection<SealedSegment> gone)
    {
        var archived = gone.Where(segment => segment.IsArchived).ToList();
        try
        {
            if (archived.Count > 0)
            {
                TryFindOrMakeIdentity(store);
                ArchiveMarks.Set(store, archived);
            }
            if (archived.Count < gone.Count) DeletionNote.Write(store, gone.Except(archived));
            ManifestSwitch.RunMakingRoom(store, before.Without(gone), gone);
        }
        catch (WalException e) when (e is not WalOutcomeUnknownException)
        {
            foreach (var segment in archived) ArchiveMarks.Clear(store, segment);
            DeletionNote.Remove(store);
            throw;
        }
        var (freedBytes, left) = (0L, default(WalException));
        foreach (var segment in gone.Except(archived))
        {
            if (store.Files.TryDelete(store.PathOf(segment.FileName)) is { } failure) left ??= failure;
            else freedBytes += segment.OccupiedBytes;
            left ??= store.Files.TryDelete(store.IndexPath(segment.BaseOffset));
        }
        if (archived.Count < gone.Count) left ??= DeletionNote.Clear(store);
        if (archived.Count == 0) return new Outcome(freedBytes, left);
        try
        {
            var archive = ArchivePlaces.ReachableArchive(store, before);
            var identity = ArchivePlaces.FindOrMake(store);
            foreach (var segment in archived)
            {
                if (TryDeleteArchived(store, archive, identity, segment) is { } failure) left ??= failure;
                else freedBytes += segment.OccupiedBytes;
                ArchiveMarks.Clear(store, segment);
            }
        }
        catch (WalException e)
        {
            left ??= e;
        }
        return new Outcome(freedBytes, left);
    }

    // A lack of room is no error here: the deletion makes room.
    private static void TryFindOrMakeIdentity(SegmentStore store)
    {
        try
        {
            ArchivePlaces.FindOrMake(store);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
        }
    }

    private static WalFaultException? TryDeleteArchived(
        SegmentStore store, ISegmentArchive archive, LogIdentity identity, SealedSegment segment)
    {
        store.ThrowIfLost();
        if (!ArchivePlaces.IsOwn(store, archive, identity, segment.Place))
        {
            // The place is another log's, which may need the file.
            var path = archive.Describe(store.PlaceId(segment.Place), segment.FileName);
            return new WalForeignException(
                path, 0, "a place that is this log's", "that of the log that it was copied from", "it stays there");
        }
        try
        {
            ArchivedFiles.Remove(store, archive, segment);
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
