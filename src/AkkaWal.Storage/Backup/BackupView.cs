using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Backup;

/// <summary>What one look found in a log that is to be copied, with or without a writer.</summary>
/// <param name="Root">The log's own directory. The log may have moved from it to that of an epoch.</param>
/// <param name="Catalog">The segments. The last one may have been sealed since.</param>
/// <param name="HasActive">Whether there is an active segment: a crash can come before the first one is
/// created.</param>
internal sealed record BackupView(SegmentFiles Root, ReadCatalog Catalog, bool HasActive)
{
    // A file may be deleted after the MANIFEST was read, and the whole directory of an epoch may go. Then all is looked
    // up again, at most this many times in all.
    private const int MaxLooks = 4;

    /// <summary>Where the log was at this look.</summary>
    internal SegmentFiles SegmentFiles => Catalog.SegmentFiles;

    internal int SegmentCount => Catalog.SealedCount + (HasActive ? 1 : 0);

    /// <summary>Looks at a log.</summary>
    /// <param name="root">The log's own directory. The log's id is not known yet.</param>
    /// <exception cref="WalFaultException">There is no log, or it is damaged or of a newer version.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static BackupView Of(SegmentFiles root)
    {
        for (var look = 1; ; look++)
        {
            var current = root;
            var hasWriter = ReadView.HasWriterNow(root);
            try
            {
                current = EpochPlaces.CurrentOf(root);
                if (hasWriter) return new BackupView(root, ReadCatalog.BesideWriter(current), true);
                var (catalog, hasActive) = Alone(current);
                // A writer that came meanwhile may have changed what was read: look again.
                if (look == MaxLooks || !ReadView.HasWriterNow(root)) return new BackupView(root, catalog, hasActive);
            }
            catch (WalFaultException) when (look < MaxLooks && (hasWriter || ReadView.HasWriterNow(root)))
            {
            }
            catch (WalException e) when (e is WalFaultException or WalIOException
                && look < MaxLooks && EpochPlaces.HasLeft(root, current))
            {
            }
        }
    }

    /// <summary>Whether another owner has moved the log since this look.</summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal bool HasMoved() => EpochPlaces.HasLeft(Root, SegmentFiles);

    /// <summary>The MANIFEST of a copy that holds these segments.</summary>
    internal Manifest ManifestOf(IReadOnlyList<SealedSegment> segments) =>
        new(SegmentFiles.LogId, Catalog.StartOffset, HasActive, Catalog.DeletedRanges, segments);

    /// <summary>The sealed segment that holds an offset; or that the active segment starts there.</summary>
    internal (SealedSegment? Sealed, bool IsActive) EntryOf(long baseOffset)
    {
        var index = Catalog.FindSealed(baseOffset);
        return index >= 0 ? (Catalog[index], false) : (null, HasActive && Catalog.ActiveBase == baseOffset);
    }

    private static (ReadCatalog Catalog, bool HasActive) Alone(SegmentFiles segmentFiles)
    {
        var check = LogCheck.Of(DirectoryLook.At(segmentFiles));
        if (check.Refusal is { } refusal) throw refusal.ToException();
        if (check.IsNew)
            throw new WalAbsentException(
                segmentFiles.PathOf(SegmentName.Manifest), "the MANIFEST of a log",
                "name the directory that holds the log");
        return (new ReadCatalog(check), !check.MakesActive);
    }
}
