using System.Diagnostics;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Epochs;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// An open log directory: its lock, its MANIFEST and the list of its segments. It answers from memory. The segments'
/// files are opened through <see cref="SegmentFiles"/>, which any thread may use; everything else is for one thread.
/// </summary>
internal sealed class LogDirectory : IDisposable
{
    /// <summary>
    /// The MANIFEST is saved after this many rolls. That bounds how many segments an opening must look into.
    /// </summary>
    private const int RollsPerManifest = 64;

    private readonly IWalDirectory _files;
    private readonly Manifest _manifest;
    private readonly SealedSegmentList _sealed;
    private IReadOnlyList<OffsetRange> _deletedRanges;
    private int _unsavedRolls;
    private TailSurvey? _tail;

    private LogDirectory(
        IWalDirectory files, SegmentFiles segmentFiles, LogCheckResult check, IEnumerable<SealedSegment> segments)
    {
        (_files, SegmentFiles, _sealed, _tail) = (files, segmentFiles, new SealedSegmentList(segments), check.Tail);
        _manifest = check.Manifest! with { LogId = segmentFiles.LogId };
        _deletedRanges = _manifest.DeletedRanges;
        ActiveBase = check.ActiveBase;
        Debug.Assert(_sealed.Count == 0 || _sealed[^1].NextOffset <= ActiveBase, "the active segment is the last one");
        HasArchiveMarks = check.Marks.Count > 0;
    }

    internal SegmentFiles SegmentFiles { get; }

    /// <summary>
    /// Whether the opening found marks of segments that the archive may hold beyond what the MANIFEST says.
    /// </summary>
    internal bool HasArchiveMarks { get; }

    /// <summary>The active segment's base offset.</summary>
    internal long ActiveBase { get; private set; }

    /// <summary>The sealed segments, oldest first.</summary>
    internal IReadOnlyList<SealedSegment> Sealed => _sealed;

    /// <summary>What the segments are together. For any thread at any time.</summary>
    internal SegmentTotals Totals => _sealed.Totals;

    /// <summary>The lowest offset that the log may hold: that of its first segment.</summary>
    internal long StartOffset => _sealed.Count > 0 ? _sealed[0].BaseOffset : ActiveBase;

    /// <summary>Opens a log directory for writing, and creates a log where there is none.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="note">
    /// Takes lines for operators: repairs, foreign files, and later, on any thread, calls that the file system lacks.
    /// </param>
    /// <exception cref="WalLockedException">Another log holds the directory.</exception>
    /// <exception cref="WalFaultException">
    /// A file of the log is missing, damaged, foreign or of a newer version. Nothing was changed.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed, or yet another owner took the log over.</exception>
    internal static LogDirectory Open(IWalFileSystem files, string directory, WalOptions options, Action<string> note)
    {
        if (!Path.IsPathFullyQualified(directory))
            throw new ArgumentException($"'{directory}' is no absolute path", nameof(directory));
        var opened = OwnedDirectory.Acquire(files, directory, SegmentName.Lock, isToBeMade: true);
        IWalDirectory hold = opened;
        try
        {
            WalFileSystem.NoteWeaknesses(files, note);
            if (!opened.HoldsDirectory)
                note($"the file system of {directory} locks no directories: do not remove LOCK while a log is open");
            SyncNames(opened, directory);
            var looked = new SegmentFiles(opened, directory, Guid.Empty, options) { Courtesies = new Courtesies(note) };
            looked = EpochOpening.Enter(looked, note);
            hold = (IWalDirectory)looked.Disk;
            var check = LogCheck.Of(DirectoryLook.At(looked));
            check.ThrowIfOfEpoch(directory);
            if (check.Refusal is { } refusal) throw refusal.ToException();
            var (segmentFiles, segments) = CatalogOpening.CarryOut(check, note);
            var log = new LogDirectory(hold, segmentFiles, check, segments);
            if (check.HasIdentity && options.Archive is not null) NoteCopy(segmentFiles, note);
            if (check.IsManifestStale) log.SaveManifestAtOpening(check.CanManifestWait);
            return log;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    // A process that was killed or failed may have left names unsynced: created, renamed or removed files. The opening
    // relies on names, so it syncs them first.
    private static void SyncNames(OwnedDirectory opened, string directory)
    {
        try
        {
            opened.SyncDirectory(directory);
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NotSupported)
        {
            var reason = "its file system does not sync directories, and so can't promise that a segment's name "
                + "survives a power cut: "
                + $"put the log on another one, such as ext4 or xfs ({e.Message})";
            throw new WalIOException("keep a log in", directory, WalIOCause.NotSupported, reason, e);
        }
        opened.SyncNames();
    }

    private static void NoteCopy(SegmentFiles segmentFiles, Action<string> note)
    {
        try
        {
            if (IdentityFile.IsInCopy(segmentFiles))
                note(
                    $"{segmentFiles.Directory} is a copy of another log's directory, or was restored: what that log "
                    + "archived is read and never removed, and what this one archives gets a place of its own");
        }
        catch (WalException e)
        {
            note($"archiving will be refused: {e.Message}");
        }
    }

    private void SaveManifestAtOpening(bool canWait)
    {
        try
        {
            SaveManifest();
        }
        catch (WalIOException e) when (canWait && e.IsPassing)
        {
            _unsavedRolls = RollsPerManifest;
        }
    }

    /// <summary>
    /// The opening's survey of the active segment, for its first opening for writing. Returned once, then null. Null
    /// too where the opening created the segment.
    /// </summary>
    internal TailSurvey? ReadTailOnce() => Interlocked.Exchange(ref _tail, null);

    /// <summary>Opens the active segment for writing. From any thread, one at a time.</summary>
    internal (SegmentWriter Writer, RecoveryReport Report) OpenActive(Action<string> note) =>
        SegmentRecovery.OpenLast(SegmentFiles, ActiveBase, note, ReadTailOnce());

    /// <summary>Notes that the active segment was sealed and its successor exists.</summary>
    internal void NoteSealed(SealedSegment segment)
    {
        Debug.Assert(segment.BaseOffset == ActiveBase, "the segment that is sealed is the active one");
        _sealed.Add(segment);
        ActiveBase = segment.NextOffset;
        _unsavedRolls++;
    }

    /// <summary>Notes that segments were deleted. To be called once the MANIFEST on the disk says so.</summary>
    internal void NoteDeleted(IReadOnlyCollection<SealedSegment> gone)
    {
        foreach (var segment in gone) _deletedRanges = OffsetRanges.Add(_deletedRanges, segment.Range);
        _sealed.RemoveIn(_deletedRanges);
    }

    /// <summary>Notes that a segment changed its state. To be called once the MANIFEST on the disk says so.</summary>
    internal void NoteChanged(SealedSegment changed) => _sealed.Replace(changed);

    /// <summary>Why an offset can't be read, as text for operators.</summary>
    /// <param name="offset">An offset that the log does not hold.</param>
    /// <param name="nextOffset">The end of the log.</param>
    internal string ReasonNotHeld(long offset, long nextOffset)
    {
        if (nextOffset == StartOffset)
            return $"offset {offset} is not in the log, which is empty: its next offset is {nextOffset}";
        var held = OffsetRanges.TextWithout(new OffsetRange(StartOffset, nextOffset), _deletedRanges);
        return $"offset {offset} is not in the log, which holds {held}";
    }

    /// <summary>Whether an offset lies in a deleted segment.</summary>
    internal bool WasDeleted(long offset) => OffsetRanges.Contains(_deletedRanges, offset);

    /// <summary>
    /// Where the log goes on behind an offset that it does not hold and that lies before the active segment.
    /// </summary>
    internal long BehindGap(long offset) => _sealed.NextStart(offset) ?? ActiveBase;

    /// <summary>The sealed segment that holds an offset; null where none does.</summary>
    internal SealedSegment? FindSealed(long offset) =>
        _sealed.IndexOf(offset) is >= 0 and var index ? _sealed[index] : null;

    /// <summary>Whether enough segments were sealed since the MANIFEST was last saved to save it again.</summary>
    internal bool IsManifestDue => _unsavedRolls >= RollsPerManifest;

    /// <summary>Replaces the MANIFEST and returns when it is on the disk.</summary>
    internal void SaveManifest() => SegmentFiles.SaveManifest(CurrentManifest());

    /// <summary>
    /// The MANIFEST as it should be now. The caller must write it before any that is taken later.
    /// </summary>
    internal Manifest CurrentManifest()
    {
        _unsavedRolls = 0;
        return _manifest with
        {
            StartOffset = StartOffset,
            HasSegments = true,
            DeletedRanges = _deletedRanges,
            SealedSegments = [.. _sealed],
        };
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _files.Dispose();
}
