using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// The file IDENTITY beside a log: its identity for an archive that it shares with other logs. The file names a
/// directory; in a copy of that directory it does not count.
/// </summary>
internal static class IdentityFile
{
    /// <summary>Whether the log's directory is a copy of the directory of a log that has an identity.</summary>
    /// <exception cref="WalException">The file can't be read.</exception>
    internal static bool IsInCopy(SegmentFiles segmentFiles) =>
        TryRead(segmentFiles) is { } found && found.Directory != DirectoryOf(segmentFiles);

    /// <summary>
    /// The number of the place in the archive that the log stores in; null where it must claim one first.
    /// </summary>
    /// <exception cref="WalException">The file can't be read.</exception>
    internal static int? FindPlace(SegmentFiles segmentFiles) => TryRead(segmentFiles) switch
    {
        // A log of a version without identities stores in place 0.
        null => 0,
        { } found when found.Directory == DirectoryOf(segmentFiles) => found.Place,
        _ => null,
    };

    /// <summary>The identity in the file, even where it is another log's; null where there is no file.</summary>
    /// <exception cref="WalException">The file can't be read.</exception>
    internal static LogIdentity? TryRead(SegmentFiles segmentFiles)
    {
        var path = segmentFiles.PathOf(SegmentName.Identity);
        if (segmentFiles.Disk.Stat(path) is null) return null;
        try
        {
            return LogIdentity.Decode(segmentFiles.Disk.ReadWhole(path), path);
        }
        catch (WalDamagedException)
        {
            // Counts as missing: the log then gets a new identity, and loses only its place.
            return null;
        }
    }

    /// <summary>
    /// The bytes of the IDENTITY for a copy of the log's directory. They name the original directory, so that the copy
    /// is known to be one, even where the log never needed an identity.
    /// </summary>
    /// <exception cref="WalException">The log's own IDENTITY can't be read.</exception>
    internal static byte[] EncodeForCopy(SegmentFiles segmentFiles) =>
        (TryRead(segmentFiles)
            ?? new LogIdentity(Guid.NewGuid(), DirectoryOf(segmentFiles), null, IsCopy: false)).Encode();

    /// <summary>The directory that the log is in: that of an epoch, where it has moved to one.</summary>
    /// <exception cref="WalIOException">It can't be opened.</exception>
    internal static WalDirectoryIdentity DirectoryOf(SegmentFiles segmentFiles)
    {
        if (segmentFiles.Disk is IWalDirectory opened && opened.Path == segmentFiles.Directory) return opened.Identity;
        using var directory = segmentFiles.Disk.OpenDirectory(segmentFiles.Directory);
        return directory.Identity;
    }
}
