using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>What one look found in a log that is to be copied, beside its writer or without one.</summary>
/// <param name="Catalog">The segments; the last one may have been sealed since.</param>
/// <param name="HasActive">Whether there is a segment that takes appends: a log may die before its first one.</param>
internal sealed record BackupView(ReadCatalog Catalog, bool HasActive)
{
    // A file may go between a look at the MANIFEST and one at the file: then the MANIFEST says something else by now.
    private const int MaxLooks = 4;

    internal SegmentStore Store => Catalog.Store;

    internal int SegmentCount => Catalog.SealedCount + (HasActive ? 1 : 0);

    /// <summary>Looks.</summary>
    /// <param name="store">Where the log is; its id is not yet known.</param>
    /// <exception cref="WalFaultException">There is no log, or it is damaged or newer.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static BackupView Of(SegmentStore store)
    {
        for (var look = 1; ; look++)
        {
            var hasWriter = HasWriterNow(store);
            try
            {
                if (hasWriter) return new BackupView(ReadCatalog.BesideWriter(store), true);
                var view = Alone(store);
                // A writer that came meanwhile may have changed what was looked at.
                if (look == MaxLooks || !HasWriterNow(store)) return view;
            }
            catch (WalFaultException) when (look < MaxLooks && (hasWriter || HasWriterNow(store)))
            {
            }
        }
    }

    /// <summary>What the MANIFEST of a copy says that holds these segments.</summary>
    internal Manifest ManifestOf(IReadOnlyList<SealedSegment> segments) =>
        new(Store.LogId, Catalog.StartOffset, HasActive, Catalog.DeletedRanges, segments);

    /// <summary>What the look says of the segment that holds an offset, or starts there and takes appends.</summary>
    internal (SealedSegment? Sealed, bool IsActive) EntryOf(long baseOffset)
    {
        var index = Catalog.FindSealed(baseOffset);
        return index >= 0 ? (Catalog[index], false) : (null, HasActive && Catalog.ActiveBase == baseOffset);
    }

    private static bool HasWriterNow(SegmentStore store) => store.Files.IsLocked(store.PathOf(SegmentName.Lock));

    private static BackupView Alone(SegmentStore store)
    {
        var judgement = LogJudge.Of(DirectoryLook.At(store));
        if (judgement.Refusal is { } refusal) throw refusal.ToException();
        if (judgement.IsNew)
            throw new WalAbsentException(
                store.PathOf(SegmentName.Manifest), "the MANIFEST of a log", "name the directory that holds the log");
        return new BackupView(new ReadCatalog(judgement), !judgement.MakesActive);
    }
}
