using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Maintenance;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage;

/// <summary>
/// The log as a plain object without actors, for one thread. Appends are staged; one commit writes all staged records.
/// It rolls by itself. Under <see cref="FlushPolicy.Interval"/> it starts no syncs: the caller calls
/// <see cref="Sync"/>.
/// </summary>
/// <remarks>
/// An append is acknowledged, as the flush policy promises, once the next <see cref="Commit"/> has returned.
/// <see cref="Close"/> commits and syncs the rest. No member is safe for use by several threads.
/// </remarks>
public sealed class SegmentedLog : IDisposable
{
    // The memory for the index of the one sealed segment that is open for reading.
    private const long MaxIndexBytes = 64 << 20;

    private readonly LogDirectory _directory;
    private readonly LogMaintenance _maintenance;
    private readonly WalOptions _options;
    private readonly Action<string> _note;
    private SegmentWriter _active;
    private SegmentReader? _reader;
    private bool _isClosed;

    // The segment that was sealed on the disk; not null only while its successor could not be opened.
    private SealedSegment? _rolled;

    private SegmentedLog(LogDirectory directory, WalOptions options, SegmentWriter active, Action<string> note)
    {
        (_directory, _options, _active, _note) = (directory, options, active, note);
        _maintenance = new LogMaintenance(directory);
    }

    /// <summary>The lowest offset that the log may hold: that of its first segment.</summary>
    public long StartOffset => _directory.StartOffset;

    /// <summary>The offset that the next appended record gets. Staged records are counted.</summary>
    public long NextOffset => _active.NextOffset;

    /// <summary>The offset that follows the last committed record: the end of what can be read.</summary>
    public long CommittedNextOffset => _active.Committed.NextOffset;

    /// <summary>The offset that follows the last record known to be on the disk.</summary>
    public long DurableNextOffset => _active.Durable.NextOffset;

    /// <summary>The segments, oldest first; the last one is the active one. Reads no file.</summary>
    public IReadOnlyList<SegmentInfo> Segments => [.. _directory.Sealed.Select(segment => segment.Info), _active.Info];

    /// <summary>Opens a log, and creates it where there is none.</summary>
    /// <param name="directory">An absolute path. It is created, with its parents, where it is missing.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="note">
    /// Takes lines for operators: what the opening repaired or left alone, calls that the file system lacks, and an
    /// unclean <see cref="Dispose"/>. Null drops them.
    /// </param>
    /// <exception cref="WalLockedException">Another log holds the directory.</exception>
    /// <exception cref="WalFaultException">
    /// A file of the log is missing, damaged, foreign or of a newer version. Nothing was changed.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// No file system is given, and the platform is none of Linux, Windows and macOS.
    /// </exception>
    public static SegmentedLog Open(
        string directory, WalOptions? options = null, IWalFileSystem? files = null, Action<string>? note = null)
    {
        options ??= new WalOptions();
        note ??= static _ => { };
        var opened = LogDirectory.Open(files ?? WalFileSystem.Default, directory, options, note);
        try
        {
            var (writer, _) = opened.OpenActive(note);
            var log = new SegmentedLog(opened, options, writer, note);
            log._maintenance.CleanUpArchive(note);
            return log;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stages a record. Commits first where the commit is full, and rolls first where the segment is full.
    /// </summary>
    /// <returns>Its offset.</returns>
    /// <exception cref="ArgumentException">The payload is larger than the options allow.</exception>
    /// <exception cref="WalReadOnlyException">An earlier failure is latched.</exception>
    /// <exception cref="WalLackException">A commit or a roll before it lacked room, descriptors or memory.</exception>
    /// <exception cref="WalOutcomeUnknownException">A commit or a roll before it failed.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _options.MaxPayloadBytes)
        {
            var reason = $"a payload of {payload.Length} bytes is larger than {_options.MaxPayloadBytes}";
            throw new ArgumentException(reason, nameof(payload));
        }
        MakeRoomFor(Frame.SizeOf(payload.Length));
        return _active.Stage(payload);
    }

    /// <summary>Stages records of which all or none survive a crash. Errors as <see cref="Append"/>.</summary>
    /// <returns>The offset of the first one; the others follow without a gap.</returns>
    /// <exception cref="ArgumentException">The batch is empty, a payload is too large, or it exceeds a
    /// commit.</exception>
    public long AppendBatch(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        if (BatchLimits.Explain(payloads, _options) is { } reason)
            throw new ArgumentException(reason, nameof(payloads));
        MakeRoomFor(BatchLimits.SizeOf(payloads));
        return _active.StageBatch(payloads);
    }

    /// <summary>Writes the staged records and, under <see cref="FlushPolicy.Always"/>, syncs them.</summary>
    /// <exception cref="WalLackException">Room, descriptors or memory were lacking: no staged record was
    /// written.</exception>
    /// <exception cref="WalOutcomeUnknownException">The next opening tells whether the records are there.</exception>
    /// <exception cref="WalReadOnlyException">An earlier failure is latched.</exception>
    public void Commit()
    {
        _active.Commit();
        if (_options.Flush == FlushPolicy.Always) _active.SyncNow();
    }

    /// <summary>Commits, and returns when all records are on the disk. Errors as <see cref="Commit"/>.</summary>
    public void Sync()
    {
        _active.Commit();
        _active.SyncNow();
    }

    /// <summary>Commits, seals the active segment and opens its successor. Errors as <see cref="Commit"/>.</summary>
    /// <exception cref="InvalidOperationException">The active segment is empty.</exception>
    public void SealActive()
    {
        Commit();
        if (_active.IsEmpty) throw new InvalidOperationException("the active segment is empty");
        Roll();
    }

    /// <summary>The payload of a committed record.</summary>
    /// <exception cref="WalNotFoundException">The log does not hold the offset.</exception>
    /// <exception cref="WalIOException">
    /// The platform failed. Or the record is in the active segment, and a check found that another owner has taken the
    /// log over (<see cref="WalIOException.IsNotOwned"/>).
    /// </exception>
    /// <exception cref="WalDamagedException">The record's bytes do not match their checksum.</exception>
    public byte[] Read(long offset) => TryRead(offset, out var payload)
        ? payload
        : throw new WalNotFoundException(offset, _directory.ReasonNotHeld(offset, CommittedNextOffset));

    /// <summary>
    /// The payload of a committed record; false where the log does not hold the offset. Errors as <see cref="Read"/>.
    /// </summary>
    public bool TryRead(long offset, [NotNullWhen(true)] out byte[]? payload)
    {
        payload = RecordsOf(offset)?.Read(offset);
        return payload is not null;
    }

    /// <summary>Deletes a sealed segment and its records. Its offsets become a gap.</summary>
    /// <returns>The bytes that its records took.</returns>
    /// <exception cref="ArgumentException">The log has no such segment.</exception>
    /// <exception cref="InvalidOperationException">It is the active segment.</exception>
    /// <exception cref="WalIOException">The deletion definitely did not happen.</exception>
    /// <exception cref="WalReadOnlyException">
    /// The deletion did not happen, because the outcome of an earlier operation is unknown.
    /// </exception>
    /// <exception cref="WalOutcomeUnknownException">
    /// The next opening tells whether the deletion happened.
    /// </exception>
    public long DeleteSegment(string file)
    {
        CloseReader();
        return _maintenance.Delete(file);
    }

    /// <summary>
    /// Deletes the sealed segments that lie wholly below an offset, all or none. Errors as <see cref="DeleteSegment"/>.
    /// </summary>
    /// <param name="offset">
    /// From 0 to the next offset. <see cref="StartOffset"/> is not raised above it.
    /// </param>
    /// <returns>The bytes that the records took.</returns>
    public long TruncateBefore(long offset)
    {
        CloseReader();
        return _maintenance.TruncateBefore(offset, CommittedNextOffset);
    }

    /// <summary>
    /// Compresses a sealed segment. Its records are read as before. Errors as <see cref="DeleteSegment"/>, and:
    /// </summary>
    /// <returns>The segment in its new state.</returns>
    /// <exception cref="InvalidOperationException">
    /// The segment is compressed already, is in the archive, or does not shrink.
    /// </exception>
    /// <exception cref="WalDamagedException">A record is damaged; the segment stays as it is.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the segment stays as it is.</exception>
    public SegmentInfo CompressSegment(string file, CancellationToken cancellation = default)
    {
        CloseReader();
        return _maintenance.Compress(file, cancellation);
    }

    /// <summary>
    /// Moves a sealed segment to <see cref="WalOptions.Archive"/>. Its records are read from there. Errors as
    /// <see cref="DeleteSegment"/>, and:
    /// </summary>
    /// <returns>Where the segment is now, as text for operators.</returns>
    /// <exception cref="InvalidOperationException">The segment is in the archive already, or no archive is
    /// set.</exception>
    /// <exception cref="WalDamagedException">A record is damaged; the segment stays where it is.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the segment stays where it is.</exception>
    public string ArchiveSegment(string file, CancellationToken cancellation = default)
    {
        CloseReader();
        return _maintenance.Archive(file, cancellation);
    }

    /// <summary>
    /// A clean stop: all appended records are committed and durable, and the next opening need not scan. A second call
    /// does nothing. Errors as <see cref="Commit"/>. Files and the lock are released even where it throws.
    /// </summary>
    /// <exception cref="WalOutcomeUnknownException">The last sync failed.</exception>
    public void Close()
    {
        if (_isClosed) return;
        _isClosed = true;
        CloseReader();
        try
        {
            if (_active.Latched is null && _rolled is null) _active.Commit();
            // The segment is sealed and has no open successor. Nothing is staged, and a clean close would overwrite
            // the sealed mark.
            if (_rolled is { } segment) _directory.NoteSealed(segment);
            else _active.CloseCleanly();
            if (_active.Latched is null) TrySaveManifest();
        }
        finally
        {
            _active.Dispose();
            _directory.Dispose();
        }
    }

    /// <summary>
    /// Closes as <see cref="Close"/> does, but passes an error to the log's note instead of throwing it.
    /// </summary>
    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (WalException e)
        {
            _note($"the log was not closed cleanly: {e.Message}");
        }
    }

    private SegmentRecords? RecordsOf(long offset)
    {
        // Another owner may have gone on from here.
        if (offset >= CommittedNextOffset && _active.WhyEndIsUnknown() is { } cause) throw cause;
        if (offset >= _directory.ActiveBase && offset < CommittedNextOffset)
        {
            if (_active.IsTakenOver) _directory.SegmentFiles.ThrowIfLost();
            return _active.Records;
        }
        if (_reader?.Segment.Range.Contains(offset) != true)
        {
            if (_directory.FindSealed(offset) is not { } segment) return null;
            CloseReader();
            _reader = SegmentReader.Open(_directory.SegmentFiles, segment, new IndexBudget(MaxIndexBytes));
        }
        return _reader.Records;
    }

    private void CloseReader()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private void MakeRoomFor(long frameBytes)
    {
        if (!_active.CommitHasRoomFor(frameBytes)) Commit();
        if (_active.HasRoomFor(frameBytes)) return;
        Commit();
        Roll();
    }

    private void Roll()
    {
        _rolled ??= _active.SealAndCreateSuccessor();
        SegmentWriter successor;
        try
        {
            (successor, _) =
                SegmentRecovery.OpenLast(_directory.SegmentFiles, _rolled.Value.NextOffset, static _ => { });
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            var segment = _rolled.Value.Info.File;
            throw WalLackException.Of($"the log could not go on in the segment behind {segment}: {e.Message}", e);
        }
        catch (WalException e)
        {
            throw _active.Fail(e);
        }
        _directory.NoteSealed(_rolled.Value);
        _rolled = null;
        _active.Dispose();
        _active = successor;
        if (_directory.IsManifestDue) TrySaveManifest();
    }

    // The MANIFEST only repeats what the segments' names and marks say. An old one costs the next opening some reads.
    private void TrySaveManifest()
    {
        if (_maintenance.Latched is not null) return;
        try
        {
            _directory.SaveManifest();
        }
        catch (WalIOException)
        {
        }
    }
}
