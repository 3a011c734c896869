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
    internal static void Run(SegmentFiles segmentFiles, Manifest manifest)
    {
        var path = segmentFiles.PathOf(SegmentName.Manifest);
        string temporary;
        try
        {
            temporary = segmentFiles.Disk.PrepareWhole(path, manifest.Encode());
        }
        catch (WalIOException)
        {
            segmentFiles.Disk.TryDelete(path + WholeFile.TemporarySuffix);
            throw;
        }
        try
        {
            segmentFiles.Disk.Rename(temporary, path);
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // A rename that failed for lack of something did nothing.
            segmentFiles.Disk.TryDelete(temporary);
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
    /// <param name="segmentFiles">The log.</param>
    /// <param name="manifest">The new MANIFEST.</param>
    /// <param name="leaving">The segments whose files the operation removes.</param>
    /// <exception cref="WalIOException">As <see cref="Run"/>.</exception>
    /// <exception cref="WalOutcomeUnknownException">As <see cref="Run"/>.</exception>
    internal static void RunMakingRoom(
        SegmentFiles segmentFiles, Manifest manifest, IReadOnlyCollection<SealedSegment> leaving)
    {
        try
        {
            Run(segmentFiles, manifest);
        }
        catch (WalIOException e) when (e.IsOutOfSpace && e.IsPassing && TryFreeIndexes(segmentFiles, leaving))
        {
            Run(segmentFiles, manifest);
        }
    }

    // Only indexes of segments that the MANIFEST on the disk lists: for any other segment the sealed mark in its index
    // is the only proof that it is sealed.
    private static bool TryFreeIndexes(SegmentFiles segmentFiles, IReadOnlyCollection<SealedSegment> leaving)
    {
        try
        {
            var path = segmentFiles.PathOf(SegmentName.Manifest);
            var known = Manifest.Decode(segmentFiles.Disk.ReadWhole(path), path).SealedSegments
                .Select(segment => segment.BaseOffset).ToHashSet();
            var indexes = leaving.Where(segment => known.Contains(segment.BaseOffset))
                .Select(segment => segmentFiles.IndexPath(segment.BaseOffset));
            var freed = indexes
                .Where(index =>
                    segmentFiles.Disk.Stat(index) is not null && segmentFiles.Disk.TryDelete(index) is null)
                .ToList();
            return freed.Count > 0;
        }
        catch (WalException)
        {
            return false;
        }
    }
}
