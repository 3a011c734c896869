using System.Security.Cryptography;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog.Archive;

/// <summary>
/// Which places in the archive a log may write. A copy of a log has the same id, and must not touch what the original
/// has there. So each log has an identity, which it writes into a place when it claims it. The identity is kept in the
/// file IDENTITY, which names the log's directory; in a copy of the directory it does not count. Reading a place needs
/// no identity.
/// </summary>
internal static class ArchivePlaces
{
    private const int MaxAttempts = 64;

    /// <summary>The place that the log stores in. Claims one where it has none.</summary>
    /// <param name="segmentFiles">The log.</param>
    /// <param name="archive">The archive, which is within reach.</param>
    /// <exception cref="WalException">No place could be claimed.</exception>
    internal static int ClaimOwn(SegmentFiles segmentFiles, ISegmentArchive archive)
    {
        var identity = FindOrMake(segmentFiles);
        if (identity.Place is { } place && IsOwn(segmentFiles, archive, identity, place)) return place;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // The place with the log's own id is for the original. Older versions know no other place.
            var isFirst = attempt == 0 && !identity.IsCopy && identity.Place is null;
            var next = isFirst ? 0 : RandomNumberGenerator.GetInt32(1, ushort.MaxValue + 1);
            var owner = archive.Claim(segmentFiles.PlaceId(next), identity.Instance, Describe(segmentFiles));
            if (owner != identity.Instance) continue;
            Save(segmentFiles, identity with { Place = next });
            return next;
        }
        var tried = archive.Describe(segmentFiles.LogId, "");
        throw new WalIOException("claim", tried, false, $"{MaxAttempts} places for this log's id are all taken");
    }

    /// <summary>
    /// Whether the log may remove files from a place: it has claimed the place, or nobody has and it claims it now. A
    /// place is unclaimed where an older version archived, or where somebody removed the mark of an owner that is gone.
    /// </summary>
    /// <exception cref="WalException">That can't be told.</exception>
    internal static bool IsOwn(SegmentFiles segmentFiles, ISegmentArchive archive, LogIdentity identity, int place)
    {
        var id = segmentFiles.PlaceId(place);
        var owner = archive.OwnerOf(id) ?? archive.Claim(id, identity.Instance, Describe(segmentFiles));
        return owner == identity.Instance;
    }

    /// <summary>
    /// The archive, once it is proved to hold what the MANIFEST says. It could be an empty mount point.
    /// </summary>
    /// <exception cref="WalIOException">No archive is set, or it can't be reached.</exception>
    internal static ISegmentArchive ReachableArchive(SegmentFiles segmentFiles, Manifest manifest)
    {
        var archive = segmentFiles.Archive;
        var own = IdentityFile.FindPlace(segmentFiles);
        var archived = manifest.SealedSegments.Where(segment => segment.IsArchived).ToList();
        var index = archived.FindLastIndex(segment => segment.Place == own);
        if (index < 0) index = archived.Count - 1;
        if (index < 0) return archive;
        var (place, name) = (archived[index].Place, archived[index].FileName);
        try
        {
            archive.Open(segmentFiles.PlaceId(place), name).Dispose();
        }
        catch (WalAbsentException) when (place != own)
        {
            // The place is another log's. It exists, so the archive does; that log may have removed the file.
        }
        return archive;
    }

    /// <summary>The log's identity. It is created where the log has none.</summary>
    /// <exception cref="WalException">It can't be read or created.</exception>
    internal static LogIdentity FindOrMake(SegmentFiles segmentFiles)
    {
        var found = IdentityFile.TryRead(segmentFiles);
        if (found?.Directory == IdentityFile.DirectoryOf(segmentFiles)) return found;
        // Marks from before this identity say nothing about this log's places. They are removed first, because its
        // marks count from the moment it has an identity.
        ArchiveMarks.ClearAll(segmentFiles);
        var made =
            new LogIdentity(Guid.NewGuid(), IdentityFile.DirectoryOf(segmentFiles), null, IsCopy: found is not null);
        Save(segmentFiles, made);
        return made;
    }

    private static string Describe(SegmentFiles segmentFiles) =>
        $"log {segmentFiles.LogId} in {segmentFiles.Directory} on {Environment.MachineName}";

    private static void Save(SegmentFiles segmentFiles, LogIdentity identity)
    {
        var path = segmentFiles.PathOf(SegmentName.Identity);
        try
        {
            segmentFiles.Disk.WriteWhole(path, identity.Encode());
        }
        catch (WalIOException)
        {
            segmentFiles.Disk.TryDelete(path + WholeFile.TemporarySuffix);
            throw;
        }
        segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
    }
}
