using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// An open log directory: its lock, its MANIFEST and the catalog of its segments. Answers from memory; the segments themselves
/// are opened through <see cref="Store"/>, which any thread may use. Everything else belongs to one thread.
/// </summary>
internal sealed class LogDirectory : IDisposable
{
    /// <summary>After so many rolls the MANIFEST is written anew, which bounds the segments that an opening must look into.</summary>
    private const int RollsPerManifest = 64;

    private readonly OwnedDirectory _files;
    private readonly SealedSegmentList _sealed;
    private IReadOnlyList<OffsetRange> _deletedRanges;
    private int _unsavedRolls;
    private TailSurvey? _tail;

    private LogDirectory(OwnedDirectory files, SegmentStore store, LogJudgement judgement, IEnumerable<SealedSegment> segments)
    {
        (_files, Store, _sealed, _tail) = (files, store, new SealedSegmentList(segments), judgement.Tail);
        _deletedRanges = judgement.Manifest!.DeletedRanges;
        ActiveBase = judgement.ActiveBase;
        HasArchiveMarks = judgement.HasArchiveMarks;
    }

    internal SegmentStore Store { get; }

    /// <summary>Whether the archive held, at opening, what the MANIFEST may not call archived.</summary>
    internal bool HasArchiveMarks { get; }

    /// <summary>The active segment's base offset.</summary>
    internal long ActiveBase { get; private set; }

    /// <summary>The immutable segments, oldest first.</summary>
    internal IReadOnlyList<SealedSegment> Sealed => _sealed;

    /// <summary>The lowest offset that the log may hold.</summary>
    internal long StartOffset => _sealed.Count > 0 ? _sealed[0].BaseOffset : ActiveBase;

    /// <summary>Opens a log directory for writing, making a new log where there is none.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">An absolute path.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="note">
    /// Told what a person should know: repairs, foreign files; and later, on any thread, once what the file system does not do.
    /// </param>
    /// <exception cref="WalLockedException">Another log holds the directory.</exception>
    /// <exception cref="WalFaultException">
    /// A file that must be there is missing, bad, of something else or newer; nothing was changed.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static LogDirectory Open(IWalFileSystem files, string directory, WalOptions options, Action<string> note)
    {
        if (!Path.IsPathFullyQualified(directory)) throw new ArgumentException($"'{directory}' is no absolute path", nameof(directory));
        var opened = OwnedDirectory.Take(files, directory, SegmentName.Lock, isToBeMade: true);
        try
        {
            if (!opened.HoldsDirectory)
                note($"the file system of {directory} locks no directories: do not remove LOCK while a log is open");
            SyncNames(opened, directory);
            var looked = new SegmentStore(opened, directory, Guid.Empty, options) { Courtesies = new Courtesies(note) };
            var judgement = LogJudge.Of(DirectoryLook.At(looked));
            if (judgement.Refusal is { } refusal) throw refusal.ToException();
            var (store, segments) = LogOpening.CarryOut(judgement, note);
            var log = new LogDirectory(opened, store, judgement, segments);
            if (judgement.HasIdentity && options.Archive is not null) NoteCopy(store, note);
            if (judgement.IsManifestStale) log.SaveManifestAtOpening(judgement.CanManifestWait);
            return log;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    // What a process that was killed, or failed, made or renamed or removed may not be on the disk yet: nothing may rest on a name before
    // it is.
    private static void SyncNames(OwnedDirectory opened, string directory)
    {
        try
        {
            opened.SyncDirectory(directory);
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NotSupported)
        {
            var reason = "its file system does not sync directories, and so can't promise that a segment's name survives a power cut: "
                + $"put the log on another one, such as ext4 or xfs ({e.Message})";
            throw new WalIOException("keep a log in", directory, WalIOCause.NotSupported, reason, e);
        }
        opened.SyncNames();
    }

    private static void NoteCopy(SegmentStore store, Action<string> note)
    {
        try
        {
            if (IdentityFile.IsInCopy(store))
                note($"{store.Directory} is a copy of another log's directory, or was restored: what that log archived "
                    + "is read and never removed, and what this one archives gets a place of its own");
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
    /// What the opening saw of the active segment, once: whoever opens that first need not look again. Null where it
    /// has made it.
    /// </summary>
    internal TailSurvey? TakeTail() => Interlocked.Exchange(ref _tail, null);

    /// <summary>Opens the active segment for writing. From any thread, by one at a time.</summary>
    internal (SegmentWriter Writer, RecoveryReport Report) OpenActive(Action<string> note) =>
        SegmentRecovery.OpenLast(Store, ActiveBase, note, TakeTail());

    /// <summary>Notes that the active segment was sealed and its successor exists.</summary>
    internal void NoteSealed(SealedSegment segment)
    {
        _sealed.Add(segment);
        ActiveBase = segment.NextOffset;
        _unsavedRolls++;
    }

    /// <summary>Notes that segments were deleted, once the MANIFEST says so.</summary>
    internal void NoteDeleted(IReadOnlyCollection<SealedSegment> gone)
    {
        foreach (var segment in gone) _deletedRanges = OffsetRanges.Add(_deletedRanges, segment.Range);
        _sealed.RemoveIn(_deletedRanges);
    }

    /// <summary>Notes that a segment changed its state, once the MANIFEST says so.</summary>
    internal void NoteChanged(SealedSegment changed) => _sealed.Replace(changed);

    /// <summary>Why an offset can't be read: for people.</summary>
    /// <param name="offset">An offset that the log does not hold.</param>
    /// <param name="nextOffset">The end of the log.</param>
    internal string TellNotHeld(long offset, long nextOffset) => nextOffset == StartOffset
        ? $"offset {offset} is not in the log, which is empty: its next offset is {nextOffset}"
        : $"offset {offset} is not in the log, which holds {OffsetRanges.TellWithout(new OffsetRange(StartOffset, nextOffset), _deletedRanges)}";

    /// <summary>Whether an offset was in the log and its segment was deleted.</summary>
    internal bool WasDeleted(long offset) => OffsetRanges.Contains(_deletedRanges, offset);

    /// <summary>Where the log goes on behind an offset that it does not hold and that lies before its active segment.</summary>
    internal long BehindGap(long offset) => _sealed.NextStart(offset) ?? ActiveBase;

    /// <summary>The sealed segment that holds an offset; null where none does.</summary>
    internal SealedSegment? FindSealed(long offset) => _sealed.IndexOf(offset) is >= 0 and var index ? _sealed[index] : null;

    /// <summary>Whether so much was sealed since the MANIFEST was last written that it is worth writing.</summary>
    internal bool IsManifestDue => _unsavedRolls >= RollsPerManifest;

    /// <summary>Replaces the MANIFEST and returns when it is on the disk.</summary>
    internal void SaveManifest() => Store.SaveManifest(CurrentManifest());

    /// <summary>What the MANIFEST is to say now. Whoever writes it, writes it before anything that was taken later.</summary>
    internal Manifest CurrentManifest()
    {
        _unsavedRolls = 0;
        return new Manifest(Store.LogId, StartOffset, true, _deletedRanges, [.. _sealed]);
    }

    /// <summary>Lets go of the lock.</summary>
    public void Dispose() => _files.Dispose();
}
