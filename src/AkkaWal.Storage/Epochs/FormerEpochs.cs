using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// Removes what former owners left, once the log is in the directory of an epoch. What can't be removed is harmless:
/// it takes space, and the next opening tries again.
/// </summary>
/// <param name="root">The log's own directory.</param>
/// <param name="own">The log in its epoch's directory.</param>
/// <param name="note">Takes lines for people.</param>
internal sealed class FormerEpochs(SegmentFiles root, SegmentFiles own, Action<string> note)
{
    /// <summary>
    /// How many claims below the own one are kept. A former owner of so many epochs ago finds out by its active
    /// segment, which was removed before.
    /// </summary>
    private const int KeptClaims = 64;

    /// <summary>Removes everything of the epochs below one, lowest first.</summary>
    internal void Remove(long epoch)
    {
        try
        {
            var places = EpochPlaces.Of(root)!;
            Leave(places);
            foreach (var former in places.Directories.Where(former => former < epoch))
                RemoveDirectory(places.At(former), former);
            foreach (var claim in places.Claims.Where(claim => claim < epoch - KeptClaims))
                root.Disk.Delete(EpochPlaces.ClaimOf(root, claim));
        }
        catch (WalIOException e) when (!e.IsNotOwned)
        {
            note($"not all that former owners of {root.Directory} left could be removed: {e.Message}");
        }
    }

    // The MANIFEST says last that the log has moved: after a crash before that, this is done again. From then on a
    // program that finds no epoch's MANIFEST refuses the log instead of going on with an old one.
    private void Leave(EpochPlaces places)
    {
        if (places.ManifestOf(0) is not { HasMoved: false } manifest) return;
        KeepLateBytes(root, 0);
        MoveSetAside(root, 0);
        foreach (var name in DirectoryNames.In(root).OfLog)
            if (name != SegmentName.Manifest) root.Disk.Delete(root.PathOf(name));
        root.SaveManifest(manifest with
        {
            HasMoved = true, HasSegments = false, DeletedRanges = [], SealedSegments = [], IsShared = true,
        });
    }

    private void RemoveDirectory(SegmentFiles former, long epoch)
    {
        // First: without its MANIFEST an epoch does not count.
        if (root.Disk.TryDelete(former.PathOf(SegmentName.Manifest)) is { } failure) throw failure;
        root.Disk.SyncDirectory(former.Directory);
        KeepLateBytes(former, epoch);
        MoveSetAside(former, epoch);
        foreach (var name in DirectoryNames.In(former).OfLog) root.Disk.Delete(former.PathOf(name));
        // What a person put there is kept.
        foreach (var entry in root.Disk.List(former.Directory))
            if (own.Disk.Stat(own.PathOf(entry.Name)) is null)
                root.Disk.Rename(former.PathOf(entry.Name), own.PathOf(entry.Name));
        root.Disk.DeleteDirectory(former.Directory);
    }

    // What a former owner wrote behind the end of its segment was never acknowledged, but somebody may want it back.
    private void KeepLateBytes(SegmentFiles former, long epoch)
    {
        List<(string Name, string Why)> kept = [];
        foreach (var baseOffset in DirectoryNames.In(former).Logs)
        {
            if (own.Disk.Stat(own.LogPath(baseOffset)) is not { } sealedLog) continue;
            using var log = root.Disk.Open(former.LogPath(baseOffset), FileAccessMode.Read);
            var length = log.LengthBytes;
            if (length > sealedLog.LengthBytes
                && TailSurvey.LengthWithoutZeros(log, sealedLog.LengthBytes, length) > 0)
                kept.Add((SegmentName.Log(baseOffset), "longer than the segment that was taken over from it"));
        }
        FormerFiles.Keep(former, epoch, kept, note);
    }

    private void MoveSetAside(SegmentFiles former, long epoch)
    {
        var (from, to) = (former.PathOf(SegmentName.SetAside), own.PathOf(SegmentName.SetAside));
        if (root.Disk.Stat(from) is null) return;
        if (own.Disk.Stat(to) is not null) to = Path.Combine(to, FormerFiles.SuffixOf(epoch));
        if (own.Disk.Stat(to) is null) root.Disk.Rename(from, to);
    }
}
