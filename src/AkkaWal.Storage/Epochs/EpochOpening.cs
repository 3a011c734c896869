using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// The first step of each opening for writing: it finds the directory that holds the log. Where another owner had the
/// log last, it claims the next epoch and moves the log to a directory of that epoch, which the former owner does not
/// know. FORMAT.md has the order of the steps, and what a former owner can still write.
/// </summary>
internal static class EpochOpening
{
    // Another owner may be faster. Each such try has cost that owner a whole opening.
    private const int MaxAttempts = 16;

    /// <summary>Finds the directory that holds the log, and takes the log over where that is needed.</summary>
    /// <param name="root">The log's own directory, locked.</param>
    /// <param name="note">Takes lines for people.</param>
    /// <returns>
    /// The directory to open. Disposing its <see cref="SegmentFiles.Disk"/> releases the lock.
    /// </returns>
    /// <exception cref="WalLockedException">The former owner has its active segment locked.</exception>
    /// <exception cref="WalFaultException">The log can't be opened. Nothing was changed.</exception>
    /// <exception cref="WalIOException">The platform failed, or yet another owner came.</exception>
    internal static SegmentFiles Enter(SegmentFiles root, Action<string> note)
    {
        var owner = root.Options.Owner;
        var held = (OwnedDirectory)root.Disk;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var places = EpochPlaces.Of(root);
            // Most logs never have an owner: for them this is all.
            if (places is null && owner.Length == 0) return root;
            var current = places?.FindCurrent() ?? 0;
            var isOwn = owner.Length > 0 && places?.ManifestOf(current)?.Owner == owner;
            // A claim above it is of an owner that may still be at it.
            if (isOwn && current == places!.Highest)
                return EnterOwn(held, places, current, note);
            using (var former = FormerLog.Of(root, places, current)) former.ThrowIfRefused();
            var epoch = (places?.Highest ?? 0) + 1;
            if (!TryClaim(root, held, epoch)) continue;
            return new Takeover(root, held, epoch, note).Run();
        }
        throw new WalIOException("claim an epoch in", root.Directory, false, "other owners keep claiming it");
    }

    // The log was opened last by this owner, whose name nobody else has.
    private static SegmentFiles EnterOwn(OwnedDirectory held, EpochPlaces places, long epoch, Action<string> note)
    {
        var root = places.Root;
        Guard(root, held, epoch);
        held.ThrowIfLost();
        var own = places.At(epoch);
        var entered = held.Enter(own.Directory);
        try
        {
            own = own with { Disk = entered };
            new FormerEpochs(root, own, note).Remove(epoch);
            return own;
        }
        catch
        {
            // The caller releases the lock.
            entered.CloseAlone();
            throw;
        }
    }

    // The file is created by one process alone, on every file system. Its text is for people.
    private static bool TryClaim(SegmentFiles root, OwnedDirectory held, long epoch)
    {
        var claims = root.PathOf(SegmentName.Epochs);
        root.Disk.CreateDirectory(claims);
        root.Disk.SyncDirectory(root.Directory);
        var path = EpochPlaces.ClaimOf(root, epoch);
        try
        {
            root.Disk.Open(path, FileAccessMode.CreateNew).Dispose();
        }
        catch (WalIOException) when (root.Disk.Stat(path) is not null)
        {
            return false;
        }
        root.Disk.SyncDirectory(claims);
        Guard(root, held, epoch);
        return true;
    }

    private static void Guard(SegmentFiles root, OwnedDirectory held, long epoch) =>
        held.LoseTo(
            root.Disk.OpenDirectory(root.PathOf(SegmentName.Epochs)), EpochPlaces.ClaimOf(root, epoch + 1));
}
