using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Judgement;

/// <summary>
/// The file IDENTITY beside a log: who it is towards an archive that it shares with others. In a copy of the directory
/// the file names another one, and does not count.
/// </summary>
internal static class IdentityFile
{
    /// <summary>Whether the log's directory is a copy of another one, which has an identity.</summary>
    /// <exception cref="WalException">That can't be told.</exception>
    internal static bool IsInCopy(SegmentStore store) =>
        TryRead(store) is { } found && found.Directory != DirectoryOf(store);

    /// <summary>The place in the archive that the log stores in; null where it has to claim one first.</summary>
    /// <exception cref="WalException">That can't be told.</exception>
    internal static int? FindPlace(SegmentStore store) => TryRead(store) switch
    {
        // A log of a version that knew no identities.
        null => 0,
        { } found when found.Directory == DirectoryOf(store) => found.Place,
        _ => null,
    };

    /// <summary>What the file says, whosever it is; null where there is none.</summary>
    /// <exception cref="WalException">It can't be read.</exception>
    internal static LogIdentity? TryRead(SegmentStore store)
    {
        var path = store.PathOf(SegmentName.Identity);
        if (store.Files.Stat(path) is null) return null;
        try
        {
            return LogIdentity.Decode(store.Files.ReadWhole(path), path);
        }
        catch (WalDamagedException)
        {
            // As if it were not there: a log that can't tell who it was is somebody else, who loses nothing but a
            // place.
            return null;
        }
    }

    /// <summary>
    /// The bytes of the IDENTITY that a copy of the log's directory gets: they name that directory, so that the copy
    /// knows itself as one, also where the log never needed an identity.
    /// </summary>
    /// <exception cref="WalException">The log's own can't be read.</exception>
    internal static byte[] EncodeForCopy(SegmentStore store) =>
        (TryRead(store) ?? new LogIdentity(Guid.NewGuid(), DirectoryOf(store), null, IsCopy: false)).Encode();

    /// <summary>The directory that the log is in.</summary>
    internal static WalDirectoryIdentity DirectoryOf(SegmentStore store) => ((IWalDirectory)store.Files).Identity;
}
