using AkkaWal.Storage.Files.Posix.Calls;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// The sealed segments that a <see cref="LogReader"/> has open. Their number is limited; those that were unused for
/// longest are closed first. Changed under the reader's lock; <see cref="Use"/> is for any thread.
/// </summary>
/// <param name="maxOpen">How many may be open.</param>
/// <param name="indexBudget">The memory for their indexes.</param>
internal sealed class OpenReaders(int maxOpen, IndexBudget indexBudget)
{
    /// <summary>
    /// Idle segments are looked for after this many reads found no room for a part of an index. A segment in use was
    /// read several times meanwhile.
    /// </summary>
    private const int RefusalsPerIdleScan = 4096;

    private long _count, _clock, _lastIdleScan;

    internal int Count => (int)Interlocked.Read(ref _count);

    internal IndexBudget IndexBudget => indexBudget;

    /// <summary>
    /// Whether enough reads lacked room for a part of an index that idle segments should be closed to free some.
    /// </summary>
    internal bool IsIdleScanDue => indexBudget.Refusals >= RefusalsPerIdleScan;

    /// <summary>The records of a segment that is about to be read; null where it is not open.</summary>
    internal SegmentRecords? Use(ReaderSlot slot)
    {
        var now = Volatile.Read(ref _clock);
        if (slot.LastUsed != now) slot.LastUsed = now;
        return slot.Records;
    }

    /// <summary>Adds a segment that was opened. Closes others where there are too many.</summary>
    internal void Add(ReaderSlot slot, SegmentReader reader, ReaderSlot[] all)
    {
        while (_count >= maxOpen && TryCloseOldest(all))
        {
        }
        // Other logs of the process need descriptors too.
        if (Descriptors.AreScarce) TryCloseOldest(all);
        Interlocked.Increment(ref _count);
        // The clock counts openings: a segment that was not used during many of them is closed first.
        slot.LastUsed = Interlocked.Increment(ref _clock);
        slot.Reader = reader;
    }

    /// <summary>
    /// Opens a segment. Where descriptors run out, it closes half of those that are open and tries again.
    /// </summary>
    /// <exception cref="WalException">As <paramref name="open"/>.</exception>
    internal SegmentReader Open(Func<SegmentReader> open, ReaderSlot[] all)
    {
        try
        {
            return open();
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NoDescriptors && Count > 0)
        {
            for (var left = Count / 2; Count > left && TryCloseOldest(all);)
            {
            }
            return open();
        }
    }

    private bool TryCloseOldest(ReaderSlot[] all)
    {
        ReaderSlot? oldest = null;
        foreach (var other in all)
            if (other.Reader is not null && !(other.LastUsed >= oldest?.LastUsed)) oldest = other;
        if (oldest is not null) Close(oldest);
        return oldest is not null;
    }

    internal void Close(ReaderSlot slot)
    {
        if (slot.Reader is not { } reader) return;
        slot.Reader = null;
        Interlocked.Decrement(ref _count);
        reader.Dispose();
    }

    /// <summary>Closes the segments that were not read since the last call, to make room for other indexes.</summary>
    internal void CloseIdle(ReaderSlot[] all)
    {
        foreach (var slot in all)
            if (slot.Reader is not null && slot.LastUsed < _lastIdleScan) Close(slot);
        _lastIdleScan = Interlocked.Increment(ref _clock);
        indexBudget.ResetRefusals();
    }
}

/// <summary>A sealed segment's reader; null while the segment is not open.</summary>
internal sealed class ReaderSlot
{
    private SegmentReader? _reader;
    private SegmentRecords? _records;

    internal SegmentReader? Reader
    {
        get => Volatile.Read(ref _reader);
        set
        {
            Volatile.Write(ref _reader, value);
            Volatile.Write(ref _records, value?.Records);
        }
    }

    /// <summary>
    /// The reader's records, stored here so that a read need not fetch the reader object from memory as well.
    /// </summary>
    internal SegmentRecords? Records => Volatile.Read(ref _records);

    /// <summary>
    /// The clock of <see cref="OpenReaders"/> at the last use. Written without a lock: an error of one does no harm.
    /// </summary>
    internal long LastUsed { get; set; }
}
