using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>What one look at a log's directory found, for any number of readers. The tail moves on and readers are opened; the rest stays.</summary>
/// <param name="Catalog">The segments.</param>
/// <param name="Slots">One a sealed segment, in the catalog's order.</param>
/// <param name="Tail">The last segment.</param>
internal sealed record ReadView(ReadCatalog Catalog, ReaderSlot[] Slots, WatchedTail Tail)
{
    /// <summary>A file may go between a look at the MANIFEST and one at the file: then the MANIFEST says something else by now.</summary>
    private const int MaxLooks = 3;

    /// <summary>Looks at the directory; what a look before holds open of the same segments is taken over.</summary>
    /// <exception cref="WalDamagedException">There is no log, or a file of it is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadView Of(IWalFileSystem files, string directory, ISegmentArchive? archive, ReadView? before)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                return LookOnce(files, directory, archive, before);
            }
            catch (WalDamagedException) when (look < MaxLooks)
            {
            }
        }
    }

    private static ReadView LookOnce(IWalFileSystem files, string directory, ISegmentArchive? archive, ReadView? before)
    {
        var catalog = ReadCatalog.Of(files, directory, archive);
        var slots = new ReaderSlot[catalog.SealedCount];
        for (var i = 0; i < slots.Length; i++)
        {
            var segment = catalog[i];
            var old = before?.Catalog.FindSealed(segment.BaseOffset) ?? -1;
            slots[i] = old >= 0 && before!.Catalog[old] == segment ? before.Slots[old] : new ReaderSlot();
        }
        var tail = WatchedTail.Open(catalog.Store, catalog.ActiveBase);
        tail.MoveOn();
        return new ReadView(catalog, slots, tail);
    }
}

/// <summary>A sealed segment's reader, while it is open.</summary>
internal sealed class ReaderSlot
{
    private SegmentReader? _reader;

    internal SegmentReader? Reader
    {
        get => Volatile.Read(ref _reader);
        set => Volatile.Write(ref _reader, value);
    }

    /// <summary>The log reader's clock when it was used last. Written without a lock: being off by one is no harm.</summary>
    internal long LastUsed { get; set; }
}
