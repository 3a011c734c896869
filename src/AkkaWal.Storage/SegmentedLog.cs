using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Maintenance;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage;

/// <summary>
/// The log as a plain object, for one thread, without actors: records are staged, and one commit writes all that is staged.
/// Rolls by itself. Under <see cref="FlushPolicy.Interval"/> the caller calls <see cref="Sync"/> when it wants to.
/// </summary>
/// <remarks>
/// An offset is acknowledged, as the flush policy promises, once the <see cref="Commit"/> that follows its append returned.
/// <see cref="Close"/> commits and syncs what is left. Nothing here is safe for several threads.
/// </remarks>
public sealed class SegmentedLog : IDisposable
{
    // What of a sealed segment's index is kept, of one segment at a time.
    private const long MaxIndexBytes = 64 << 20;

    private readonly LogDirectory _directory;
    private readonly LogMaintenance _maintenance;
    private readonly WalOptions _options;
    private readonly Action<string> _note;
    private SegmentWriter _active;
    private SegmentReader? _reader;
    private bool _isClosed;

    // What the active segment has become on the disk, as long as its successor could not be opened.
    private SealedSegment? _rolled;

    private SegmentedLog(LogDirectory directory, WalOptions options, SegmentWriter active, Action<string> note)
    {
        (_directory, _options, _active, _note) = (directory, options, active, note);
        _maintenance = new LogMaintenance(directory);
    }

    /// <summary>The lowest offset that the log may hold.</summary>
    public long StartOffset => _directory.StartOffset;

    /// <summary>The offset that the next record gets, staged ones counted.</summary>
    public long NextOffset => _active.NextOffset;

    /// <summary>The offset that follows the last committed record: the end of what can be read.</summary>
    public long CommittedNextOffset => _active.Committed.NextOffset;

    /// <summary>The offset that follows the last record known to be on the disk.</summary>
    public long DurableNextOffset => _active.Durable.NextOffset;

    /// <summary>The segments, oldest first; the last one is the active one. Costs no file access.</summary>
    public IReadOnlyList<SegmentInfo> Segments => [.. _directory.Sealed.Select(segment => segment.Info), _active.Info];

    /// <summary>Opens a log, making a new one where there is none.</summary>
    /// <param name="directory">An absolute path; made with its parents where missing.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="note">
    /// Told what a person should know: of the opening, once what the file system does not do, and of an unclean
    /// <see cref="Dispose"/>. Nobody where null.
    /// </param>
    /// <exception cref="WalLockedException">Another log holds the directory.</exception>
    /// <exception cref="WalFaultException">
    /// A file that must be there is missing, bad, of something else or newer; nothing was changed.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    /// <exception cref="PlatformNotSupportedException">No file system is given, and the platform is not Linux.</exception>
    public static SegmentedLog Open(string directory, WalOptions? options = null, IWalFileSystem? files = null, Action<string>? note = null)
    {
        options ??= new WalOptions();
        note ??= static _ => { };
        var opened = LogDirectory.Open(files ?? PosixFileSystem.Instance, directory, options, note);
        try
        {
            var (writer, _) = opened.OpenActive(note);
            var log = new SegmentedLog(opened, options, writer, note);
            log._maintenance.SettleArchive(note);
            return log;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Stages a record. Commits before it where the commit is full, and rolls where the segment is.</summary>
    /// <returns>Its offset.</returns>
    /// <exception cref="ArgumentException">The payload is larger than the options allow.</exception>
    /// <exception cref="WalReadOnlyException">An earlier failure is latched.</exception>
    /// <exception cref="WalLackException">The commit or the roll before it lacked room, descriptors or memory.</exception>
    /// <exception cref="WalOutcomeUnknownException">The commit or the roll before it failed.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _options.MaxPayloadBytes)
            throw new ArgumentException($"a payload of {payload.Length} bytes is larger than {_options.MaxPayloadBytes}", nameof(payload));
        MakeRoomFor(Frame.SizeOf(payload.Length));
        return _active.Stage(payload);
    }

    /// <summary>Stages records of which all or none survive a crash. Errors as <see cref="Append"/>.</summary>
    /// <returns>The first one's offset; they have no gap.</returns>
    /// <exception cref="ArgumentException">There is none, one is too large, or all together exceed a commit.</exception>
    public long AppendBatch(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        if (BatchLimits.Explain(payloads, _options) is { } reason) throw new ArgumentException(reason, nameof(payloads));
        MakeRoomFor(BatchLimits.SizeOf(payloads));
        return _active.StageBatch(payloads);
    }

    /// <summary>Writes what is staged and, under <see cref="FlushPolicy.Always"/>, syncs it.</summary>
    /// <exception cref="WalLackException">Nothing of what was staged happened.</exception>
    /// <exception cref="WalOutcomeUnknownException">Whether it happened is known at the next opening.</exception>
    /// <exception cref="WalReadOnlyException">An earlier failure is latched.</exception>
    public void Commit()
    {
        _active.Commit();
        if (_options.Flush == FlushPolicy.Always) _active.SyncNow();
    }

    /// <summary>Commits, and returns when all of it is on the disk. Errors as <see cref="Commit"/>.</summary>
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

    /// <summary>A committed record's payload.</summary>
    /// <exception cref="WalNotFoundException">The log does not hold the offset.</exception>
    /// <exception cref="WalDamagedException">Its bytes do not match their checksum.</exception>
    public byte[] Read(long offset) => TryRead(offset, out var payload)
        ? payload
        : throw new WalNotFoundException(offset, _directory.TellNotHeld(offset, CommittedNextOffset));

    /// <summary>
    /// A committed record's payload; false where the log does not hold the offset. Errors as <see cref="Read"/>.
    /// </summary>
    public bool TryRead(long offset, [NotNullWhen(true)] out byte[]? payload)
    {
        payload = RecordsOf(offset)?.Read(offset);
        return payload is not null;
    }

    /// <summary>Deletes a sealed segment: its records are gone, and a gap is left where it was.</summary>
    /// <returns>The bytes that its records took.</returns>
    /// <exception cref="ArgumentException">The log has no such segment.</exception>
    /// <exception cref="InvalidOperationException">It is the active one.</exception>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalReadOnlyException">
    /// It did not happen: the outcome of an operation before is not known.
    /// </exception>
    /// <exception cref="WalOutcomeUnknownException">
    /// Whether it happened is known when the log is opened anew.
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
    /// 0 to the next offset; the log's <see cref="StartOffset"/> is at most this afterwards.
    /// </param>
    /// <returns>The bytes that the records took.</returns>
    public long TruncateBefore(long offset)
    {
        CloseReader();
        return _maintenance.TruncateBefore(offset, CommittedNextOffset);
    }

    /// <summary>
    /// Compresses a sealed segment; its records are read as before. Errors as <see cref="DeleteSegment"/>, and:
    /// </summary>
    /// <returns>The segment as it is now.</returns>
    /// <exception cref="InvalidOperationException">
    /// It is compressed already, in the archive, or does not shrink.
    /// </exception>
    /// <exception cref="WalDamagedException">It has a damaged record, and stays as it is.</exception>
    public SegmentInfo CompressSegment(string file)
    {
        CloseReader();
        return _maintenance.Compress(file);
    }

    /// <summary>
    /// Moves a sealed segment to <see cref="WalOptions.Archive"/>; its records are read from there. Errors as
    /// <see cref="DeleteSegment"/>, and:
    /// </summary>
    /// <returns>Where its records are, for people.</returns>
    /// <exception cref="InvalidOperationException">It is there already, or no archive is set.</exception>
    /// <exception cref="WalDamagedException">It has a damaged record, and stays where it is.</exception>
    public string ArchiveSegment(string file)
    {
        CloseReader();
        return _maintenance.Archive(file);
    }

    /// <summary>
    /// A clean stop: what was appended is committed and durable, and the next opening need not scan. A second call does
    /// nothing. Errors as <see cref="Commit"/>; everything is let go of whatever the error.
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
            // Sealed, with a successor that could not be opened: there is nothing to write, and the mark must stay.
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

    /// <summary>As <see cref="Close"/>, but an error is given to the note that the log was opened with.</summary>
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
        if (offset >= _directory.ActiveBase && offset < CommittedNextOffset) return _active.Records;
        if (_reader?.Segment.Range.Contains(offset) != true)
        {
            if (_directory.FindSealed(offset) is not { } segment) return null;
            CloseReader();
            _reader = SegmentReader.Open(_directory.Store, segment, new IndexBudget(MaxIndexBytes));
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
        // What was staged may have been all that the segment held.
        if (!_active.HasRoomFor(frameBytes)) Roll();
    }

    private void Roll()
    {
        _rolled ??= _active.SealAndCreateSuccessor();
        SegmentWriter successor;
        try
        {
            (successor, _) = SegmentRecovery.OpenLast(_directory.Store, _rolled.Value.NextOffset, static _ => { });
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            throw WalLackException.Of($"the log could not go on in the segment behind {_rolled.Value.Info.File}: {e.Message}", e);
        }
        catch (WalException e)
        {
            throw _active.FailSync(e);
        }
        _directory.NoteSealed(_rolled.Value);
        _rolled = null;
        _active.Dispose();
        _active = successor;
        if (_directory.IsManifestDue) TrySaveManifest();
    }

    // Names and marks say the same: a MANIFEST that is not written anew costs the next opening some looks, and nothing else.
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
