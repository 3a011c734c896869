using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage;

/// <summary>
/// Reads a log beside its writer, from any number of threads and without any actor: one read of the file a record, found
/// through indexes on the heap. Takes no lock and writes nothing, so the writer may be in another process; follows its rolls.
/// </summary>
/// <remarks>
/// It sees what the writer knows to be on the disk: every record below the durable watermark. Under a policy other than
/// <see cref="FlushPolicy.Always"/> that lies behind what the writer has acknowledged.
/// </remarks>
public sealed class LogReader : IDisposable
{
    private readonly IWalFileSystem _files;
    private readonly string _directory;
    private readonly LogReaderOptions _options;
    private readonly Lock _changing = new();
    private ReadView _view;
    private long _openCount, _indexBytes, _clock;
    private bool _isDisposed;

    private LogReader(IWalFileSystem files, string directory, LogReaderOptions options)
    {
        (_files, _directory, _options) = (files, directory, options);
        _view = ReadView.Of(files, directory, options.Archive, null);
    }

    /// <summary>The lowest offset that the log may hold, as of the last look.</summary>
    public long StartOffset => Current.Catalog.StartOffset;

    /// <summary>The end of what can be read, as of the last look.</summary>
    public long NextOffset => Current.Tail.NextOffset;

    /// <summary>Sealed segments that are open now.</summary>
    public int OpenSegments => (int)Interlocked.Read(ref _openCount);

    /// <summary>What the indexes of open sealed segments take, in bytes.</summary>
    public long IndexBytes => Interlocked.Read(ref _indexBytes);

    private ReadView Current => Volatile.Read(ref _view);

    /// <summary>Opens a log for reading.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">What it may hold on to; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <exception cref="WalDamagedException">There is no log, or one of its files is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public static LogReader Open(string directory, LogReaderOptions? options = null, IWalFileSystem? files = null)
    {
        if (!Path.IsPathFullyQualified(directory)) throw new ArgumentException($"'{directory}' is no absolute path", nameof(directory));
        return new LogReader(files ?? PosixFileSystem.Instance, directory, options ?? new LogReaderOptions());
    }

    /// <summary>A record's payload. From any thread.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log does not hold the offset, or not durably yet.</exception>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public byte[] Read(long offset)
    {
        while (true)
        {
            var records = RecordsOf(offset);
            try
            {
                return records.Read(offset);
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

    /// <summary>Looks how far the log goes by now.</summary>
    /// <exception cref="WalDamagedException">One of its files is missing or bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public void Refresh()
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Current.Tail.MoveOn()) LookAnew();
        }
    }

    /// <summary>Closes what is open.</summary>
    public void Dispose()
    {
        lock (_changing)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Current.Tail.Dispose();
            foreach (var slot in Current.Slots) slot.Reader?.Dispose();
        }
    }

    private RecordAccess RecordsOf(long offset)
    {
        var view = Current;
        if (offset >= view.Catalog.ActiveBase)
        {
            if (offset < view.Tail.NextOffset) return view.Tail.Records;
            Refresh();
            view = Current;
            if (offset >= view.Catalog.ActiveBase) return offset < view.Tail.NextOffset ? view.Tail.Records : throw NotHeld(offset);
        }
        var index = view.Catalog.FindSealed(offset);
        if (index < 0) throw NotHeld(offset);
        var slot = view.Slots[index];
        var used = Volatile.Read(ref _clock);
        if (slot.LastUsed != used) slot.LastUsed = used;
        return (slot.Reader ?? OpenSlot(offset)).Records;
    }

    private SegmentWalk? WalkFrom(ref long offset, GapPolicy gaps)
    {
        for (var attempt = 0; ; attempt++)
        {
            var view = Current;
            if (offset >= view.Catalog.ActiveBase && offset < view.Tail.NextOffset) return view.Tail.Scan(offset);
            var index = view.Catalog.FindSealed(offset);
            // A handle of its own: a walk is long, and must not be closed under its feet.
            if (index >= 0) return SegmentReader.Open(view.Catalog.Store, view.Catalog[index]).Scan(offset);
            if (offset < view.Catalog.ActiveBase)
            {
                if (gaps == GapPolicy.Stop) throw NotHeld(offset);
                offset = view.Catalog.BehindGap(offset);
                attempt = -1;
                continue;
            }
            if (attempt > 0) return null;
            Refresh();
        }
    }

    private SegmentReader OpenSlot(long offset)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (TryOpenSlot(offset, false, out var reader)) return reader;
            // The file went or changed its form since the last look: the MANIFEST knows.
            LookAnew();
            return TryOpenSlot(offset, true, out reader) ? reader : throw NotHeld(offset);
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
            reader = SegmentReader.Open(view.Catalog.Store, view.Catalog[index]);
        }
        catch (WalDamagedException) when (!isLatest)
        {
            return false;
        }
        MakeRoom(view, reader.MemoryBytes);
        Interlocked.Add(ref _indexBytes, reader.MemoryBytes);
        Interlocked.Increment(ref _openCount);
        // Each opening is a tick: what no thread has used for many is let go first.
        slot.LastUsed = Interlocked.Increment(ref _clock);
        slot.Reader = reader;
        return true;
    }

    private void MakeRoom(ReadView view, long wantedBytes)
    {
        while (_openCount > 0 && (_openCount >= _options.MaxOpenSegments || _indexBytes + wantedBytes > _options.MaxIndexBytes))
        {
            ReaderSlot? oldest = null;
            foreach (var slot in view.Slots)
                if (slot.Reader is not null && !(slot.LastUsed >= oldest?.LastUsed)) oldest = slot;
            if (oldest is null) return;
            LetGo(oldest);
        }
    }

    private void LetGo(ReaderSlot slot)
    {
        if (slot.Reader is not { } reader) return;
        slot.Reader = null;
        Interlocked.Add(ref _indexBytes, -reader.MemoryBytes);
        Interlocked.Decrement(ref _openCount);
        reader.Dispose();
    }

    private void LookAnew()
    {
        var before = Current;
        var view = ReadView.Of(_files, _directory, _options.Archive, before);
        var kept = view.Slots.ToHashSet();
        Volatile.Write(ref _view, view);
        foreach (var slot in before.Slots)
            if (!kept.Contains(slot)) LetGo(slot);
        if (before.Tail != view.Tail) before.Tail.Dispose();
    }

    private ArgumentOutOfRangeException NotHeld(long offset) =>
        new(nameof(offset), offset, $"the log holds {StartOffset} to {NextOffset - 1}, as far as it is on the disk");
}
