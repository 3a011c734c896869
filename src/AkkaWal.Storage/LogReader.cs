using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage;

/// <summary>
/// Reads a log, from any number of threads and without any actor. A read costs one read of the log file; the index
/// that finds the record is in memory, or costs a second read where it has no room there. The reader holds no lock and
/// writes nothing, so it can run beside a writer in another process. It follows that writer's rolls and
/// deletions, and the log to another owner.
/// </summary>
/// <remarks>
/// <para>"As of the last look" means: as of the last time the reader read the directory. It looks when it is opened, on
/// <see cref="Refresh"/>, and when an offset at or behind the known end is asked for.</para>
/// <para>Beside a writer it reads the records that the writer has noted as durable: those below the watermark. The
/// writer updates the watermark after it has answered an append, so the newest acknowledged records become readable a
/// moment later under <see cref="FlushPolicy.Always"/>, and after the next sync under the other policies.</para>
/// <para>Without a writer it reads the whole valid prefix: every record before the first torn or damaged one. Records
/// at or above <see cref="DurableNextOffset"/> are valid but may not be durable: the next writer's recovery writes and
/// syncs them again. A power cut before that can lose them; then other records can get their offsets, and
/// <see cref="NextOffset"/> goes back with the next look. Each look asks whether a writer has the log open, so a
/// writer that comes or goes in between is noticed at the next look.</para>
/// <para>It keeps to the directory that it opened. Another directory that later stands under the same path needs
/// another reader.</para>
/// <para>A damaged log, which no writer can open, is read as far as it goes: <see cref="Damage"/> says why.</para>
/// </remarks>
public sealed class LogReader : IDisposable
{
    private readonly SegmentFiles _segmentFiles;

    // The directory that this reader opened and has to close; null where its owner did.
    private readonly IWalDirectory? _directory;
    private readonly bool _ownsLock;
    private readonly LogReaderOptions _options;
    private readonly OpenReaders _open;
    private readonly Lock _changing = new();
    private ReadView _view;
    private bool _isDisposed;

    private LogReader(SegmentFiles segmentFiles, IWalDirectory? directory, bool ownsLock, LogReaderOptions options)
    {
        (_directory, _ownsLock, _options) = (directory, ownsLock, options);
        _segmentFiles = directory is null ? segmentFiles : segmentFiles with { Disk = directory };
        _open = new OpenReaders(options.MaxOpenSegments, new IndexBudget(options.MaxIndexBytes));
        try
        {
            _view = ReadView.Of(_segmentFiles, ownsLock, null);
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

    /// <summary>
    /// The end of what is known to be on the disk: at most <see cref="NextOffset"/>, and equal to it beside a writer.
    /// </summary>
    public long DurableNextOffset => Current.DurableNextOffset;

    /// <summary>Whether the log had a writer, as of the last look.</summary>
    public bool HasWriter => Current.HasWriter;

    /// <summary>
    /// The first damage that keeps the log from being opened for writing, as of the last look; null where there is none
    /// and where a writer has the log open.
    /// </summary>
    public WalFaultException? Damage => Current.Damage;

    /// <summary>How many sealed segments are open now.</summary>
    public int OpenSegments => _open.Count;

    /// <summary>How many bytes the indexes of open sealed segments take in memory.</summary>
    public long IndexBytes => _open.IndexBudget.UsedBytes;

    /// <summary>The catalog of the last look, for inspection.</summary>
    internal ReadCatalog Catalog => Current.Catalog;

    private ReadView Current => Volatile.Read(ref _view);

    /// <summary>Opens a log for reading.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">What the reader may keep open and in memory; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <exception cref="ArgumentException">The path is not absolute.</exception>
    /// <exception cref="WalFaultException">
    /// There is no log, or its identity can't be read; or a writer has it open and one of its files is bad.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public static LogReader Open(string directory, LogReaderOptions? options = null, IWalFileSystem? files = null)
    {
        if (!Path.IsPathFullyQualified(directory))
            throw new ArgumentException($"'{directory}' is no absolute path", nameof(directory));
        options ??= new LogReaderOptions();
        var kept = new WalOptions { Archive = options.Archive, MaxBlockCacheBytes = options.MaxBlockCacheBytes };
        var segmentFiles = new SegmentFiles(files ?? WalFileSystem.Default, directory, Guid.Empty, kept);
        return OpenOwn(segmentFiles, false, options);
    }

    /// <summary>
    /// Opens a log for an actor that may hold its lock already and could not open it for writing.
    /// </summary>
    /// <exception cref="WalDamagedException">The log's identity is unknown.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static LogReader OpenOwn(SegmentFiles segmentFiles, bool ownsLock, LogReaderOptions options) =>
        new(segmentFiles, segmentFiles.Disk is IWalDirectory ? null : segmentFiles.OpenDirectory(), ownsLock, options);

    /// <summary>The segments that can be read, oldest first, as of the last look.</summary>
    internal IReadOnlyList<SegmentInfo> Segments =>
        [.. Current.Catalog.Sealed.Select(segment => segment.Info), Current.TailInfo];

    /// <summary>The end of the records that were synced; damage can put it above <see cref="NextOffset"/>.</summary>
    internal long ClaimedNextOffset => Current.Tail?.ClaimedNextOffset ?? NextOffset;

    /// <summary>
    /// The records of the segment that holds an offset, its base offset and its end; null where no segment does.
    /// </summary>
    /// <exception cref="WalDamagedException">It can't be opened.</exception>
    internal (SegmentRecords Records, long BaseOffset, long NextOffset)? TryFind(long offset)
    {
        var view = Current;
        if (view.Catalog.FindSealed(offset) is >= 0 and var index)
        {
            var records = RecordsOf(offset) ?? throw Current.NotHeld(offset);
            return (records, view.Catalog[index].BaseOffset, view.Catalog[index].NextOffset);
        }
        return offset >= view.Catalog.ActiveBase && offset < view.NextOffset
            ? (view.Tail!.Records, view.Catalog.ActiveBase, view.NextOffset)
            : null;
    }

    /// <summary>
    /// The error for an offset whose segment should exist and is missing; null for any other offset.
    /// </summary>
    internal WalAbsentException? ErrorOfMissing(long offset) => Current.Catalog.ErrorOfMissing(offset);

    /// <summary>The offset itself where the log holds it, else the end of the gap that it lies in.</summary>
    internal long BehindGap(long offset) =>
        offset >= Current.Catalog.ActiveBase || Current.Catalog.FindSealed(offset) >= 0
            ? offset
            : Current.Catalog.BehindGap(offset);

    /// <summary>The payload of a record. From any thread.</summary>
    /// <exception cref="WalNotFoundException">The log does not hold the offset, or it is not durable yet.</exception>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    /// <exception cref="WalFaultException">
    /// The segment is missing, foreign or of a newer version. Nothing was read.
    /// </exception>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    public byte[] Read(long offset) => TryRead(offset) ?? throw Current.NotHeld(offset);

    /// <summary>
    /// The payload of a record; false where the log does not hold the offset. From any thread. Errors as
    /// <see cref="Read"/>.
    /// </summary>
    public bool TryRead(long offset, [NotNullWhen(true)] out byte[]? payload)
    {
        payload = TryRead(offset);
        if (payload is null && ErrorOfMissing(offset) is { } missing) throw missing;
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
                if (_open.IsIdleScanDue) CloseIdleSegments();
                return payload;
            }
            catch (ObjectDisposedException) when (!_isDisposed)
            {
                // Another thread closed this segment to open another one; open it again.
            }
        }
    }

    /// <summary>
    /// Scans from an offset on. The cursor is for one thread; at the end of the log it can be asked again later.
    /// </summary>
    /// <param name="offset">Where to start: <see cref="StartOffset"/> or more, also beyond the end of the log.</param>
    /// <param name="gaps">What the scan does where segments were deleted.</param>
    public LogCursor Scan(long offset, GapPolicy gaps = GapPolicy.Stop) =>
        new((ref next) => WalkFrom(ref next, gaps), offset);

    /// <summary>
    /// Looks at the directory again: where the log ends now, what was deleted, whether it has a writer. From any
    /// thread.
    /// </summary>
    /// <exception cref="WalFaultException">A writer has the log open, and one of its files is missing or
    /// bad.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public void Refresh()
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (IsViewOutdated() || Current.Catalog.IsOutdated()) LookAnew();
        }
    }

    /// <summary>Closes all files that the reader has open. From any thread.</summary>
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
                if (gaps == GapPolicy.Stop || view.Catalog.ErrorOfMissing(offset) is not null)
                    throw view.NotHeld(offset);
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
            return index < 0
                ? view.Tail!.Scan(offset)
                : SegmentReader.Scan(view.Catalog.SegmentFiles, view.Catalog[index], offset);
        }
        catch (WalFaultException) when (!isLatest)
        {
            // The file was deleted or replaced since the last look; the MANIFEST tells by which one.
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
            // The file was deleted or replaced since the last look; the MANIFEST tells by which one.
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
            reader = _open.Open(
                () => SegmentReader.Open(
                    view.Catalog.SegmentFiles, view.Catalog[index], _open.IndexBudget, _options.MapSegments),
                view.Slots);
        }
        catch (WalFaultException) when (!isLatest)
        {
            return false;
        }
        _open.Add(slot, reader, view.Slots);
        return true;
    }

    private void CloseIdleSegments()
    {
        // A read must not wait while another thread opens a segment.
        if (!_changing.TryEnter()) return;
        try
        {
            if (!_isDisposed && _open.IsIdleScanDue) _open.CloseIdle(Current.Slots);
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
            if (IsViewOutdated()) LookAnew();
        }
    }

    // Whether a new look at the directory would show more than the open tail: a roll, a writer that came or went, or
    // another owner, who has moved the log to another epoch's directory.
    private bool IsViewOutdated()
    {
        var view = Current;
        if (ReadView.HasWriterNow(_segmentFiles, _ownsLock) != view.HasWriter || view.Tail is not { } tail) return true;
        if (EpochPlaces.HasLeft(_segmentFiles, view.Catalog.SegmentFiles)) return true;
        return view.HasWriter ? tail.MoveOn() : tail.HasChanged();
    }

    private void LookAnew()
    {
        var before = Current;
        var view = ReadView.Of(_segmentFiles, _ownsLock, before);
        var kept = view.Slots.ToHashSet();
        Volatile.Write(ref _view, view);
        foreach (var slot in before.Slots)
            if (!kept.Contains(slot)) _open.Close(slot);
        before.Tail?.Dispose();
    }
}
