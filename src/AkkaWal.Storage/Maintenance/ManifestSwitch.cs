using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// The one moment at which an operation on a sealed segment happens: the MANIFEST that records it takes the place of the one
/// before. What an operation prepared before that is swept at the next opening, what it has to clean up behind it as well.
/// </summary>
internal static class ManifestSwitch
{
    /// <summary>Replaces the MANIFEST and returns when it is on the disk.</summary>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">Which of the two a power cut leaves is not known: both must stay true, so that
    /// nothing may be removed and no other MANIFEST be written until the log is opened anew.</exception>
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
            // A rename that lacked something was not begun.
            store.Files.TryDelete(temporary);
            throw;
        }
        catch (WalIOException e)
        {
            throw new WalOutcomeUnknownException($"{e.Message}; whether the MANIFEST changed is known when the log is opened anew", e);
        }
    }

    /// <summary>
    /// As <see cref="Run"/>, for an operation that frees room: where there is none for the MANIFEST, the indexes of the segments that go
    /// make some. An index is found in its log again, should the operation come to nothing all the same.
    /// </summary>
    /// <param name="store">The log.</param>
    /// <param name="manifest">What the MANIFEST is to say.</param>
    /// <param name="leaving">The segments whose files will go.</param>
    /// <exception cref="WalIOException">As <see cref="Run"/>.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="Run"/>.</exception>
    internal static void RunMakingRoom(SegmentStore store, Manifest manifest, IReadOnlyCollection<SealedSegment> leaving)
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

    // Just those of segments that the MANIFEST names as it is on the disk: of any other the mark in its index is all that says it is sealed.
    private static bool TryFreeIndexes(SegmentStore store, IReadOnlyCollection<SealedSegment> leaving)
    {
        try
        {
            var path = store.PathOf(SegmentName.Manifest);
            var known = Manifest.Decode(store.Files.ReadWhole(path), path).SealedSegments.Select(segment => segment.BaseOffset).ToHashSet();
            var indexes = leaving.Where(segment => known.Contains(segment.BaseOffset)).Select(segment => store.IndexPath(segment.BaseOffset));
            var freed = indexes.Where(index => store.Files.Stat(index) is not null && store.Files.TryDelete(index) is null).ToList();
            return freed.Count > 0;
        }
        catch (WalException)
        {
            return false;
        }
    }
}
