using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// Which of a log's sealed segments are open for a <see cref="LogReader"/>: at most so many, the longest unused ones let go first. Changed
/// under the reader's lock; <see cref="Use"/> is for any thread.
/// </summary>
/// <param name="maxOpen">How many at most.</param>
/// <param name="indexBudget">What their indexes may take in memory.</param>
internal sealed class OpenReaders(int maxOpen, IndexBudget indexBudget)
{
    /// <summary>Worth a look at all that are open: each one that is in use at all was read several times in between.</summary>
    private const int ShiftRefusals = 4096;

    private long _count, _clock, _lastShift;

    internal int Count => (int)Interlocked.Read(ref _count);

    internal IndexBudget IndexBudget => indexBudget;

    /// <summary>Whether so many reads found no room for what they needed of an index that those which have it may be the wrong ones.</summary>
    internal bool IsShiftDue => indexBudget.Refusals >= ShiftRefusals;

    /// <summary>A segment's records, which somebody is about to read; null where it is not open.</summary>
    internal SegmentRecords? Use(ReaderSlot slot)
    {
        var now = Volatile.Read(ref _clock);
        if (slot.LastUsed != now) slot.LastUsed = now;
        return slot.Records;
    }

    /// <summary>A segment was opened.</summary>
    internal void Add(ReaderSlot slot, SegmentReader reader, ReaderSlot[] all)
    {
        while (_count >= maxOpen && TryLetGoOfOldest(all))
        {
        }
        // Other logs of the process have some too.
        if (Descriptors.AreScarce) TryLetGoOfOldest(all);
        Interlocked.Increment(ref _count);
        // Each opening is a tick: what no thread has used for many is let go first.
        slot.LastUsed = Interlocked.Increment(ref _clock);
        slot.Reader = reader;
    }

    /// <summary>Opens a segment; where descriptors run out, half of those that are open are let go first, and it is tried again.</summary>
    /// <exception cref="WalException">As <paramref name="open"/>.</exception>
    internal SegmentReader Open(Func<SegmentReader> open, ReaderSlot[] all)
    {
        try
        {
            return open();
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NoDescriptors && Count > 0)
        {
            for (var left = Count / 2; Count > left && TryLetGoOfOldest(all);)
            {
            }
            return open();
        }
    }

    private bool TryLetGoOfOldest(ReaderSlot[] all)
    {
        ReaderSlot? oldest = null;
        foreach (var other in all)
            if (other.Reader is not null && !(other.LastUsed >= oldest?.LastUsed)) oldest = other;
        if (oldest is not null) LetGo(oldest);
        return oldest is not null;
    }

    internal void LetGo(ReaderSlot slot)
    {
        if (slot.Reader is not { } reader) return;
        slot.Reader = null;
        Interlocked.Decrement(ref _count);
        reader.Dispose();
    }

    /// <summary>Lets go of those that nobody has read since the last call, for the indexes of others.</summary>
    internal void Shift(ReaderSlot[] all)
    {
        foreach (var slot in all)
            if (slot.Reader is not null && slot.LastUsed < _lastShift) LetGo(slot);
        _lastShift = Interlocked.Increment(ref _clock);
        indexBudget.ResetRefusals();
    }
}

/// <summary>A sealed segment's reader, while it is open.</summary>
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

    /// <summary>The reader's records: one object less to be fetched from memory, where there are many segments.</summary>
    internal SegmentRecords? Records => Volatile.Read(ref _records);

    /// <summary>The log reader's clock when it was used last. Written without a lock: being off by one is no harm.</summary>
    internal long LastUsed { get; set; }
}
