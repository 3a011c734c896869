using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Deletes sealed segments, all of them or none: first the MANIFEST says that they are gone, then their files go, here and in the
/// archive. A crash between the two leaves files that the next opening removes. An archive that can't be reached hinders nothing: what
/// it holds too much is removed when it is back.
/// </summary>
internal static class SegmentDeletion
{
    /// <summary>Deletes segments.</summary>
    /// <param name="store">The log.</param>
    /// <param name="before">What the MANIFEST is to say but for this.</param>
    /// <param name="gone">The segments; each is in <paramref name="before"/>.</param>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="ManifestSwitch.Run"/>.</exception>
    internal static Outcome Run(SegmentStore store, Manifest before, IReadOnlyCollection<SealedSegment> gone)
    {
        var archived = gone.Where(segment => (segment.State & SegmentState.Archived) != 0).ToList();
        try
        {
            if (archived.Count > 0) ArchiveMarks.Set(store, archived);
            ManifestSwitch.RunMakingRoom(store, before.Without(gone), gone);
        }
        catch (WalException e) when (e is not WalOutcomeUnknownException)
        {
            foreach (var segment in archived) ArchiveMarks.Clear(store, segment.BaseOffset);
            throw;
        }
        var (freedBytes, left) = (0L, default(WalException));
        foreach (var segment in gone.Except(archived))
        {
            if (store.Files.TryDelete(store.PathOf(SegmentArchiving.NameOf(segment))) is { } failure) left ??= failure;
            else freedBytes += segment.OccupiedBytes;
            left ??= store.Files.TryDelete(store.IndexPath(segment.BaseOffset));
        }
        if (archived.Count == 0) return new Outcome(freedBytes, left);
        try
        {
            freedBytes += DeleteArchived(store, before, archived);
        }
        catch (WalException e)
        {
            left ??= e;
        }
        return new Outcome(freedBytes, left);
    }

    private static long DeleteArchived(SegmentStore store, Manifest before, List<SealedSegment> archived)
    {
        var archive = SegmentArchiving.ReachableArchive(store, before);
        archive.Delete(store.LogId, [.. archived.SelectMany(segment => new[] { SegmentArchiving.NameOf(segment), SegmentName.Index(segment.BaseOffset) })]);
        foreach (var segment in archived) ArchiveMarks.Clear(store, segment.BaseOffset);
        return archived.Sum(segment => segment.OccupiedBytes);
    }

    /// <summary>What a deletion did.</summary>
    /// <param name="BytesFreed">What the removed segments' records took where they were.</param>
    /// <param name="LeftBehind">Why a file could not be removed; the next opening tries again. Null where all are gone.</param>
    internal readonly record struct Outcome(long BytesFreed, WalException? LeftBehind);
}
