using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// Replaces the MANIFEST. That is the moment at which an operation on sealed segments happens. What an operation
/// prepared before that moment, or did not clean up after it, the next opening removes.
/// </summary>
internal static class ManifestSwitch
{
    /// <summary>Replaces the MANIFEST and returns when it is on the disk.</summary>
    /// <exception cref="WalIOException">The replacement definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">
    /// A power cut may leave either MANIFEST. Both must stay true, so no file may be removed and no other MANIFEST
    /// written until the log is opened anew.
    /// </exception>
    internal static void Run(SegmentStore store, Manifest manifest)
    {
        var path = store.PathOf(SegmentName.Manifest);
        string temporary;
        try
        {
            temporary = store.Files.PrepareWhole(path, manifest.Encode());
        }
        catch (WalIOException)
        {
            store.Files.TryDelete(path + WholeFile.TemporarySuffix);
            throw;
        }
        try
        {
            store.Files.Rename(temporary, path);
            store.Files.SyncDirectory(store.Directory);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // A rename that failed for lack of something did nothing.
            store.Files.TryDelete(temporary);
            throw;
        }
        catch (WalIOException e)
        {
            var unknown = $"{e.Message}; whether the MANIFEST changed is known when the log is opened anew";
            throw new WalOutcomeUnknownException(unknown, e);
        }
    }

    /// <summary>
    /// As <see cref="Run"/>, for an operation that frees space. Where there is no room for the MANIFEST, it removes the
    /// indexes of the segments that leave, and tries again. Where that fails too, the indexes are rebuilt from their
    /// logs.
    /// </summary>
    /// <param name="store">The log.</param>
    /// <param name="manifest">The new MANIFEST.</param>
    /// <param name="leaving">The segments whose files the operation removes.</param>
    /// <exception cref="WalIOException">As <see cref="Run"/>.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="Run"/>.</exception>
    internal static void RunMakingRoom(
        SegmentStore store, Manifest manifest, IReadOnlyCollection<SealedSegment> leaving)
    {
        try
        {
            Run(store, manifest);
        }
        catch (WalIOException e) when (e.IsOutOfSpace && e.IsPassing && TryFreeIndexes(store, leaving))
        {
            Run(store, manifest);
        }
    }

    // Only indexes of segments that the MANIFEST on the disk lists: for any other segment the sealed mark in its index
    // is the only proof that it is sealed.
    private static bool TryFreeIndexes(SegmentStore store, IReadOnlyCollection<SealedSegment> leaving)
    {
        try
        {
            var path = store.PathOf(SegmentName.Manifest);
            var known = Manifest.Decode(store.Files.ReadWhole(path), path).SealedSegments
                .Select(segment => segment.BaseOffset).ToHashSet();
            var indexes = leaving.Where(segment => known.Contains(segment.BaseOffset))
                .Select(segment => store.IndexPath(segment.BaseOffset));
            var freed = indexes
                .Where(index => store.Files.Stat(index) is not null && store.Files.TryDelete(index) is null).ToList();
            return freed.Count > 0;
        }
        catch (WalException)
        {
            return false;
        }
    }
}
