using AkkaWal.Storage.Format;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>What one look at a log's directory found, for any number of readers. The tail moves on and readers are opened; the rest stays.</summary>
/// <param name="Catalog">The segments.</param>
/// <param name="Slots">One a sealed segment, in the catalog's order.</param>
/// <param name="Tail">The last segment; null where it is missing.</param>
/// <param name="HasWriter">Whether somebody wrote the log at that moment.</param>
/// <param name="Damage">Why nobody could open it for writing; null where somebody could.</param>
internal sealed record ReadView(ReadCatalog Catalog, ReaderSlot[] Slots, WatchedTail? Tail, bool HasWriter, WalFaultException? Damage)
{
    /// <summary>A file may go between a look at the MANIFEST and one at the file: then the MANIFEST says something else by now.</summary>
    private const int MaxLooks = 4;

    internal long NextOffset => Tail?.NextOffset ?? Catalog.ActiveBase;

    internal long DurableNextOffset => Tail?.DurableNextOffset ?? Catalog.ActiveBase;

    /// <summary>What can be read of the last segment: nothing where it is missing.</summary>
    internal SegmentInfo TailInfo => Tail?.Info ?? new SegmentInfo(SegmentName.Log(Catalog.ActiveBase), Catalog.ActiveBase, Catalog.ActiveBase - 1, 0, SegmentState.Active);

    /// <summary>The error for an offset that is not in the log, or that should be and whose segment is missing.</summary>
    internal WalException NotHeld(long offset)
    {
        if (Catalog.TellMissing(offset) is { } missing) return missing;
        var how = HasWriter ? "as far as it is on the disk" : "as far as it is valid";
        var whole = new OffsetRange(Catalog.StartOffset, NextOffset);
        var holds = whole.Next <= whole.First
            ? $"is empty, {how}"
            : $"holds {OffsetRanges.TellWithout(whole, Catalog.Gaps())}, {how}";
        return new WalNotFoundException(offset, $"offset {offset} is not in the log, which {holds}");
    }

    /// <summary>Looks at the directory; what a look before holds open of the same segments is taken over.</summary>
    /// <param name="store">Where it is; the log's id is not yet known.</param>
    /// <param name="ownsLock">Whether the lock is the reader's own owner's, so that there is no writer.</param>
    /// <param name="before">What the look before found.</param>
    /// <exception cref="WalFaultException">There is no log; or a writer has it, and a file of it is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadView Of(SegmentStore store, bool ownsLock, ReadView? before)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                if (HasWriterNow(store, ownsLock)) return BesideWriter(store, before);
                var view = Alone(store, before);
                // A writer that came meanwhile may have changed what was looked at.
                if (look == MaxLooks || !HasWriterNow(store, ownsLock)) return view;
                view.Tail?.Dispose();
            }
            catch (WalFaultException) when (look < MaxLooks && !ownsLock)
            {
            }
        }
    }

    internal static bool HasWriterNow(SegmentStore store, bool ownsLock) => !ownsLock && store.Files.IsLocked(store.PathOf(SegmentName.Lock));

    private static ReadView BesideWriter(SegmentStore store, ReadView? before)
    {
        var catalog = ReadCatalog.BesideWriter(store);
        return new ReadView(catalog, SlotsOf(catalog, before), WatchedTail.Open(catalog.Store, catalog.ActiveBase), true, null);
    }

    private static ReadView Alone(SegmentStore store, ReadView? before)
    {
        var judgement = LogJudge.Of(DirectoryLook.At(store));
        // Nothing is known of a log whose MANIFEST is newer, and where there is none, there is nothing to be read.
        if (judgement.Manifest is null) throw judgement.Refusal!.ToException();
        if (judgement.IsNew || judgement.Store.LogId == Guid.Empty) throw NoLog(judgement);
        var catalog = new ReadCatalog(judgement);
        var tail = judgement.Tail is { } survey
            ? WatchedTail.OpenWhole(judgement.Store, judgement.ActiveBase, survey)
            : null;
        return new ReadView(catalog, SlotsOf(catalog, before), tail, false, judgement.Refusal?.ToException());
    }

    private static WalFaultException NoLog(LogJudgement judgement) =>
        judgement.Refusal?.ToException()
            ?? new WalAbsentException(judgement.Store.PathOf(SegmentName.Manifest), "the MANIFEST of a log");

    private static ReaderSlot[] SlotsOf(ReadCatalog catalog, ReadView? before)
    {
        var slots = new ReaderSlot[catalog.SealedCount];
        for (var i = 0; i < slots.Length; i++)
        {
            var segment = catalog[i];
            var old = before?.Catalog.FindSealed(segment.BaseOffset) ?? -1;
            slots[i] = old >= 0 && before!.Catalog[old] == segment ? before.Slots[old] : new ReaderSlot();
        }
        return slots;
    }
}
