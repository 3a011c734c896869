using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// What one look at a log's directory found; any number of readers may use it. Only the tail moves on, and readers are
/// opened and closed; everything else stays as it is.
/// </summary>
/// <param name="Catalog">The segments.</param>
/// <param name="Slots">One for each sealed segment, in the catalog's order.</param>
/// <param name="Tail">The last segment; null where it is missing.</param>
/// <param name="HasWriter">Whether a writer had the log open at that moment.</param>
/// <param name="Damage">Why the log can't be opened for writing; null where it can.</param>
internal sealed record ReadView(
    ReadCatalog Catalog, ReaderSlot[] Slots, WatchedTail? Tail, bool HasWriter, WalFaultException? Damage)
{
    /// <summary>
    /// A file may be deleted after the MANIFEST was read, and the whole directory of an epoch may go. Then all is
    /// looked up again, at most this many times in all.
    /// </summary>
    private const int MaxLooks = 4;

    internal long NextOffset => Tail?.NextOffset ?? Catalog.ActiveBase;

    internal long DurableNextOffset => Tail?.DurableNextOffset ?? Catalog.ActiveBase;

    /// <summary>The readable part of the last segment: empty where the segment is missing.</summary>
    internal SegmentInfo TailInfo => Tail?.Info ?? new SegmentInfo(
        SegmentName.Log(Catalog.ActiveBase), Catalog.ActiveBase, Catalog.ActiveBase - 1, 0, SegmentState.Active);

    /// <summary>The error for an offset that the log does not hold, or whose segment is missing.</summary>
    internal WalException NotHeld(long offset)
    {
        if (Catalog.ErrorOfMissing(offset) is { } missing) return missing;
        var how = HasWriter ? "as far as it is on the disk" : "as far as it is valid";
        var whole = new OffsetRange(Catalog.StartOffset, NextOffset);
        var holds = whole.Next <= whole.First
            ? $"is empty, {how}"
            : $"holds {OffsetRanges.TextWithout(whole, Catalog.Gaps())}, {how}";
        return new WalNotFoundException(offset, $"offset {offset} is not in the log, which {holds}");
    }

    /// <summary>
    /// Looks at the directory. The open readers of unchanged segments are taken over from the last look.
    /// </summary>
    /// <param name="segmentFiles">Where the log is. Its id is not known yet.</param>
    /// <param name="ownsLock">Whether the reader's own process holds the lock, so that there is no writer.</param>
    /// <param name="before">What the last look found; null at the first one.</param>
    /// <exception cref="WalFaultException">
    /// There is no log; or a writer has it open, and a file of it is missing or bad.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static ReadView Of(SegmentFiles segmentFiles, bool ownsLock, ReadView? before)
    {
        for (var look = 1; ; look++)
        {
            var current = segmentFiles;
            try
            {
                var hasWriter = HasWriterNow(segmentFiles, ownsLock);
                current = EpochPlaces.CurrentOf(segmentFiles);
                if (hasWriter) return BesideWriter(current, before);
                var view = Alone(current, before);
                // A writer that came meanwhile may have changed what was read: look again.
                if (look == MaxLooks || !HasWriterNow(segmentFiles, ownsLock)) return view;
                view.Tail?.Dispose();
            }
            catch (WalFaultException) when (look < MaxLooks && !ownsLock)
            {
            }
            catch (WalIOException) when (look < MaxLooks && EpochPlaces.HasLeft(segmentFiles, current))
            {
            }
        }
    }

    /// <summary>Whether a writer has the log open.</summary>
    /// <param name="segmentFiles">The log's own directory.</param>
    /// <param name="ownsLock">Whether the caller's own process holds the lock, so that there is no writer.</param>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static bool HasWriterNow(SegmentFiles segmentFiles, bool ownsLock = false) =>
        !ownsLock && segmentFiles.Disk.IsLocked(segmentFiles.PathOf(SegmentName.Lock));

    private static ReadView BesideWriter(SegmentFiles segmentFiles, ReadView? before)
    {
        var catalog = ReadCatalog.BesideWriter(segmentFiles);
        var tail = WatchedTail.Open(catalog.SegmentFiles, catalog.ActiveBase);
        return new ReadView(catalog, SlotsOf(catalog, before), tail, true, null);
    }

    private static ReadView Alone(SegmentFiles segmentFiles, ReadView? before)
    {
        var check = LogCheck.Of(DirectoryLook.At(segmentFiles));
        // A MANIFEST that is newer or bad tells nothing about the log, and without one there is nothing to read.
        if (check.Manifest is null) throw check.Refusal!.ToException();
        if (check.IsNew || check.SegmentFiles.LogId == Guid.Empty) throw NoLog(check);
        var catalog = new ReadCatalog(check);
        var tail = check.Tail is { } survey
            ? WatchedTail.OpenWhole(check.SegmentFiles, check.ActiveBase, survey)
            : null;
        return new ReadView(catalog, SlotsOf(catalog, before), tail, false, check.Refusal?.ToException());
    }

    private static WalFaultException NoLog(LogCheckResult check) =>
        check.Refusal?.ToException()
            ?? new WalAbsentException(check.SegmentFiles.PathOf(SegmentName.Manifest), "the MANIFEST of a log");

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
