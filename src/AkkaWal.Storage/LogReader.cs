using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage;

/// <summary>
/// Reads a log, from any number of threads and without any actor: one read of the file a record, found through indexes on the heap, and
/// one more of the index where that has no room there.
/// Holds no lock and writes nothing, so that it may be beside a writer in another process, whose rolls and deletions it follows.
/// </summary>
/// <remarks>
/// <para>Beside a writer it sees what that knows to be on the disk: every record below the durable watermark. Under a policy other than
/// <see cref="FlushPolicy.Always"/> that lies behind what the writer has acknowledged, and under that one for a moment: the watermark is
/// written once writers have their answers.</para>
/// <para>Without one it sees the whole valid prefix: every record up to the first that is torn or damaged. What lies at or above
/// <see cref="DurableNextOffset"/> is valid and no more: the next writer's recovery has to write it again before it is safe, and a power
/// cut or a failing disk before that may take it away; then other records can come at those offsets, and <see cref="NextOffset"/> goes
/// back with the next look. Whether a writer lives is asked at each look: one that comes or goes in between is noticed at the next.</para>
/// <para>It reads the directory that it opened: one that takes its place later, under the same path, is for another
/// reader.</para>
/// <para>A damaged log, which no writer can open, is read as far as it goes: <see cref="Damage"/> says why.</para>
/// </remarks>
public sealed class LogReader : IDisposable
{
    private readonly SegmentStore _store;

    // What it opened itself, and closes.
    private readonly IWalDirectory? _directory;
    private readonly bool _ownsLock;
    private readonly LogReaderOptions _options;
    private readonly OpenReaders _open;
    private readonly Lock _changing = new();
    private ReadView _view;
    private bool _isDisposed;

    private LogReader(SegmentStore store, IWalDirectory? directory, bool ownsLock, LogReaderOptions options)
    {
        (_directory, _ownsLock, _options) = (directory, ownsLock, options);
        _store = directory is null ? store : store with { Files = directory };
        _open = new OpenReaders(options.MaxOpenSegments, new IndexBudget(options.MaxIndexBytes));
        try
        {
            _view = ReadView.Of(_store, ownsLock, null);
        }
        catch
        {
            directory?.Dispose();
            throw;
        }
    }

    /// <summary>The lowest offset that the log may hold, as of the last look.</summary>
    public long StartOffset => Current.Catalog.StartOffset;

    /// <summary>The end of what can be read, as of the last look.</summary>
    public long NextOffset => Current.NextOffset;

    /// <summary>The end of what is known to be on the disk, at most <see cref="NextOffset"/>; beside a writer they are the same.</summary>
    public long DurableNextOffset => Current.DurableNextOffset;

    /// <summary>Whether somebody had the log open for writing, as of the last look.</summary>
    public bool HasWriter => Current.HasWriter;

    /// <summary>Why nobody can open the log for writing, as of the last look: the first damage in it. Null where somebody has it open or could.</summary>
    public WalFaultException? Damage => Current.Damage;

    /// <summary>Sealed segments that are open now.</summary>
    public int OpenSegments => _open.Count;

    /// <summary>What of the indexes of open sealed segments is in memory, in bytes.</summary>
    public long IndexBytes => _open.IndexBudget.UsedBytes;

    private ReadView Current => Volatile.Read(ref _view);

    /// <summary>Opens a log for reading.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">What it may hold on to; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <exception cref="WalFaultException">There is no log, or nothing that tells which one it is; or a writer has it, and one of its files is bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public static LogReader Open(string directory, LogReaderOptions? options = null, IWalFileSystem? files = null)
    {
        if (!Path.IsPathFullyQualified(directory)) throw new ArgumentException($"'{directory}' is no absolute path", nameof(directory));
        options ??= new LogReaderOptions();
        var kept = new WalOptions { Archive = options.Archive, MaxBlockCacheBytes = options.MaxBlockCacheBytes };
        var store = new SegmentStore(files ?? PosixFileSystem.Instance, directory, Guid.Empty, kept);
        return OpenOwn(store, false, options);
    }

    /// <summary>Opens a log for an owner who has its lock, perhaps, and could not open it for writing.</summary>
    /// <exception cref="WalDamagedException">There is nothing that tells which log it is.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static LogReader OpenOwn(SegmentStore store, bool ownsLock, LogReaderOptions options) =>
        new(store, store.Files is IWalDirectory ? null : store.OpenDirectory(), ownsLock, options);

    /// <summary>The segments, oldest first, as of the last look: as far as they can be read.</summary>
    internal IReadOnlyList<SegmentInfo> Segments => [.. Current.Catalog.Sealed.Select(segment => segment.Info), Current.TailInfo];

    /// <summary>The end of what is known to have been acknowledged; it may lie behind what can be read.</summary>
    internal long ClaimedNextOffset => Current.Tail?.ClaimedNextOffset ?? NextOffset;

    /// <summary>The records of the segment that holds an offset, with its first offset and its end; null where none does.</summary>
    /// <exception cref="WalDamagedException">It can't be opened.</exception>
    internal (SegmentRecords Records, long BaseOffset, long NextOffset)? TryFind(long offset)
    {
        var view = Current;
        if (view.Catalog.FindSealed(offset) is >= 0 and var index) 
        {
            var records = RecordsOf(offset) ?? throw Current.NotHeld(offset);
            return (records, view.Catalog[index].BaseOffset, view.Catalog[index].NextOffset);
        }
        return offset >= view.Catalog.ActiveBase && offset < view.NextOffset ? (view.Tail!.Records, view.Catalog.ActiveBase, view.NextOffset) : null;
    }

    /// <summary>
    /// The error for an offset that a segment should hold of which nothing is there; null of any other.
    /// </summary>
    internal WalAbsentException? TellMissing(long offset) => Current.Catalog.TellMissing(offset);

    /// <summary>The offset itself, or where the log goes on behind the gap that it lies in.</summary>
    internal long BehindGap(long offset) => offset >= Current.Catalog.ActiveBase || Current.Catalog.FindSealed(offset) >= 0 ? offset : Current.Catalog.BehindGap(offset);

    /// <summary>A record's payload. From any thread.</summary>
    /// <exception cref="WalNotFoundException">The log does not hold the offset, or not durably yet.</exception>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    /// <exception cref="WalFaultException">
    /// Its segment is missing, of something else or newer: nothing was read.
    /// </exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public byte[] Read(long offset) => TryRead(offset) ?? throw Current.NotHeld(offset);

    /// <summary>A record's payload; false where the log does not hold the offset. Errors as <see cref="Read"/>.</summary>
    public bool TryRead(long offset, [NotNullWhen(true)] out byte[]? payload)
    {
        payload = TryRead(offset);
        if (payload is null && TellMissing(offset) is { } missing) throw missing;
        return payload is not null;
    }

    private byte[]? TryRead(long offset)
    {
        while (true)
        {
            if (RecordsOf(offset) is not { } records) return null;
            try
            {
                var payload = records.Read(offset);
                if (_open.IsShiftDue) ShiftIndexes();
                return payload;
            }
            catch (ObjectDisposedException) when (!_isDisposed)
            {
                // Another thread made room in between.
            }
        }
    }

    /// <summary>A walk from an offset on; the cursor is for one thread and may go on when the log has grown.</summary>
    /// <param name="offset">At least <see cref="StartOffset"/>; the end of the log, or beyond it, waits for what comes there.</param>
    /// <param name="gaps">What it does where segments were deleted.</param>
    public LogCursor Scan(long offset, GapPolicy gaps = GapPolicy.Stop) => new((ref next) => WalkFrom(ref next, gaps), offset);

    /// <summary>Looks how far the log goes by now, what was deleted from it, and who writes it.</summary>
    /// <exception cref="WalFaultException">A writer has it, and one of its files is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public void Refresh()
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (HasGrownOut() || Current.Catalog.IsOutdated()) LookAnew();
        }
    }

    /// <summary>Closes what is open.</summary>
    public void Dispose()
    {
        lock (_changing)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Current.Tail?.Dispose();
            foreach (var slot in Current.Slots) slot.Reader?.Dispose();
            _directory?.Dispose();
        }
    }

    // Null where the log does not hold the offset.
    private SegmentRecords? RecordsOf(long offset)
    {
        var view = Current;
        if (offset >= view.Catalog.ActiveBase)
        {
            if (offset < view.NextOffset) return view.Tail!.Records;
            MoveOn();
            view = Current;
            if (offset >= view.Catalog.ActiveBase)
                return offset < view.NextOffset ? view.Tail!.Records : null;
        }
        var index = view.Catalog.FindSealed(offset);
        if (index < 0) return null;
        return _open.Use(view.Slots[index]) ?? OpenSlot(offset)?.Records;
    }

    private SegmentWalk? WalkFrom(ref long offset, GapPolicy gaps)
    {
        for (var attempt = 0; ; attempt++)
        {
            var view = Current;
            var index = view.Catalog.FindSealed(offset);
            if (index >= 0 || (offset >= view.Catalog.ActiveBase && offset < view.NextOffset))
            {
                if (TryWalk(view, index, offset, isLatest: attempt > 0) is { } walk) return walk;
                continue;
            }
            if (offset < view.Catalog.ActiveBase)
            {
                if (gaps == GapPolicy.Stop || view.Catalog.TellMissing(offset) is not null) throw view.NotHeld(offset);
                offset = view.Catalog.BehindGap(offset);
                attempt = -1;
                continue;
            }
            if (attempt > 0) return null;
            MoveOn();
        }
    }

    private SegmentWalk? TryWalk(ReadView view, int index, long offset, bool isLatest)
    {
        try
        {
            return index < 0 ? view.Tail!.Scan(offset) : SegmentReader.Scan(view.Catalog.Store, view.Catalog[index], offset);
        }
        catch (WalFaultException) when (!isLatest)
        {
            // The file went or changed its form since the last look: the MANIFEST knows.
            lock (_changing) LookAnew();
            return null;
        }
    }

    private SegmentReader? OpenSlot(long offset)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (TryOpenSlot(offset, false, out var reader)) return reader;
            // The file went or changed its form since the last look: the MANIFEST knows.
            LookAnew();
            return TryOpenSlot(offset, true, out reader) ? reader : null;
        }
    }

    private bool TryOpenSlot(long offset, bool isLatest, [NotNullWhen(true)] out SegmentReader? reader)
    {
        var view = Current;
        reader = null;
        if (view.Catalog.FindSealed(offset) is not (>= 0 and var index)) return false;
        var slot = view.Slots[index];
        if ((reader = slot.Reader) is not null) return true;
        try
        {
            reader = _open.Open(() => SegmentReader.Open(view.Catalog.Store, view.Catalog[index], _open.IndexBudget, _options.MapSegments), view.Slots);
        }
        catch (WalFaultException) when (!isLatest)
        {
            return false;
        }
        _open.Add(slot, reader, view.Slots);
        return true;
    }

    private void ShiftIndexes()
    {
        // Who reads what is open must not wait for somebody who opens something.
        if (!_changing.TryEnter()) return;
        try
        {
            if (!_isDisposed && _open.IsShiftDue) _open.Shift(Current.Slots);
        }
        finally
        {
            _changing.Exit();
        }
    }

    private void MoveOn()
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (HasGrownOut()) LookAnew();
        }
    }

    // Whether the tail is not all that there is to see any more.
    private bool HasGrownOut()
    {
        var view = Current;
        if (ReadView.HasWriterNow(_store, _ownsLock) != view.HasWriter || view.Tail is not { } tail) return true;
        return view.HasWriter ? tail.MoveOn() : tail.HasChanged();
    }

    private void LookAnew()
    {
        var before = Current;
        var view = ReadView.Of(_store, _ownsLock, before);
        var kept = view.Slots.ToHashSet();
        Volatile.Write(ref _view, view);
        foreach (var slot in before.Slots)
            if (!kept.Contains(slot)) _open.LetGo(slot);
        before.Tail?.Dispose();
    }
}
