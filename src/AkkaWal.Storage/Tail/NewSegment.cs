using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// A segment that is about to be made: its files are open under their temporary names, so that nothing that can be lacking is missed once
/// anything else was changed for it.
/// </summary>
internal sealed class NewSegment : IDisposable
{
    private readonly SegmentStore _store;
    private readonly long _baseOffset;
    private readonly string _logPath, _indexPath;
    private IWalFile? _log, _index;

    private NewSegment(SegmentStore store, long baseOffset)
    {
        (_store, _baseOffset) = (store, baseOffset);
        _logPath = store.LogPath(baseOffset) + WholeFile.TemporarySuffix;
        _indexPath = store.IndexPath(baseOffset) + WholeFile.TemporarySuffix;
    }

    /// <summary>Makes an empty segment and returns when it would survive a power cut.</summary>
    internal static void Create(SegmentStore store, long baseOffset)
    {
        using var segment = Prepare(store, baseOffset);
        segment.Put();
    }

    /// <summary>Opens its files.</summary>
    /// <exception cref="WalIOException">The platform failed: nothing is left of it.</exception>
    internal static NewSegment Prepare(SegmentStore store, long baseOffset)
    {
        var segment = new NewSegment(store, baseOffset);
        try
        {
            segment._index = store.Files.Open(segment._indexPath, FileAccessMode.CreateOrTruncate);
            segment._log = store.Files.Open(segment._logPath, FileAccessMode.CreateOrTruncate);
            return segment;
        }
        catch (WalIOException)
        {
            segment.Forget();
            throw;
        }
    }

    /// <summary>Puts it in place, and returns when it would survive a power cut.</summary>
    /// <exception cref="WalIOException">The platform failed; where that passes, nothing is left of it but what may be in place.</exception>
    internal void Put()
    {
        var header = SegmentHeader.Create(_store.LogId, _baseOffset);
        var slot = _store.EmptyIndexSlot(header);
        var head = new byte[IndexSlot.EntriesAt];
        slot.Encode(head.AsSpan((int)slot.WriteAt));
        try
        {
            // The index first: a log file never stands without one, whatever the crash.
            WholeFile.Fill(_index!, head);
            _store.Files.Rename(_indexPath, _store.IndexPath(_baseOffset));
            WholeFile.Fill(_log!, header.Encode());
            _store.Files.Rename(_logPath, _store.LogPath(_baseOffset));
        }
        catch (WalIOException e) when (e.IsPassing || e.IsOutOfSpace)
        {
            Forget();
            throw;
        }
        _store.Files.SyncDirectory(_store.Directory);
    }

    /// <summary>Removes what there is of it: the next try may be at another offset.</summary>
    internal void Forget()
    {
        Dispose();
        _store.Files.TryDelete(_logPath);
        _store.Files.TryDelete(_indexPath);
        // Where a rename failed the log file may be there, and its index is needed.
        if (!MayBeInPlace()) _store.Files.TryDelete(_store.IndexPath(_baseOffset));
    }

    private bool MayBeInPlace()
    {
        try
        {
            return _store.Files.Stat(_store.LogPath(_baseOffset)) is not null;
        }
        catch (WalIOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        _index?.Dispose();
        _log?.Dispose();
    }
}
