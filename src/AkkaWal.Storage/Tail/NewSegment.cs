using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// A segment that is about to be created. Its files are opened under temporary names first, so that a lack of room or
/// descriptors shows before anything else is changed for it.
/// </summary>
internal sealed class NewSegment : IDisposable
{
    private readonly SegmentFiles _segmentFiles;
    private readonly long _baseOffset;
    private readonly string _logPath, _indexPath;
    private IWalFile? _log, _index;

    private NewSegment(SegmentFiles segmentFiles, long baseOffset)
    {
        (_segmentFiles, _baseOffset) = (segmentFiles, baseOffset);
        _logPath = segmentFiles.LogPath(baseOffset) + WholeFile.TemporarySuffix;
        _indexPath = segmentFiles.IndexPath(baseOffset) + WholeFile.TemporarySuffix;
    }

    /// <summary>Creates an empty segment, and returns when it would survive a power cut.</summary>
    internal static void Create(SegmentFiles segmentFiles, long baseOffset)
    {
        using var segment = Prepare(segmentFiles, baseOffset);
        segment.MoveIntoPlace();
    }

    /// <summary>Opens the segment's files under temporary names.</summary>
    /// <exception cref="WalIOException">The platform failed. The files were removed again.</exception>
    internal static NewSegment Prepare(SegmentFiles segmentFiles, long baseOffset)
    {
        var segment = new NewSegment(segmentFiles, baseOffset);
        try
        {
            segment._index = segmentFiles.Disk.Open(segment._indexPath, FileAccessMode.CreateOrTruncate);
            segment._log = segmentFiles.Disk.Open(segment._logPath, FileAccessMode.CreateOrTruncate);
            return segment;
        }
        catch (WalIOException)
        {
            segment.Discard();
            throw;
        }
    }

    /// <summary>Renames the files into place, and returns when the segment would survive a power cut.</summary>
    /// <exception cref="WalIOException">
    /// The platform failed. Where that may pass, the files were removed again, except those that may be in place.
    /// </exception>
    internal void MoveIntoPlace()
    {
        var header = SegmentHeader.Create(_segmentFiles.LogId, _baseOffset);
        var slot = _segmentFiles.EmptyIndexSlot(header);
        var head = new byte[IndexSlot.EntriesAt];
        slot.Encode(head.AsSpan((int)slot.WriteAt));
        try
        {
            // The index first: after any crash a log file has its index.
            WholeFile.Fill(_index!, head);
            _segmentFiles.Disk.Rename(_indexPath, _segmentFiles.IndexPath(_baseOffset));
            WholeFile.Fill(_log!, header.Encode());
            _segmentFiles.Disk.Rename(_logPath, _segmentFiles.LogPath(_baseOffset));
        }
        catch (WalIOException e) when (e.IsPassing || e.IsOutOfSpace)
        {
            Discard();
            throw;
        }
        _segmentFiles.Disk.SyncDirectory(_segmentFiles.Directory);
    }

    /// <summary>Closes the files and removes them: the next try may be at another offset.</summary>
    internal void Discard()
    {
        Dispose();
        _segmentFiles.Disk.TryDelete(_logPath);
        _segmentFiles.Disk.TryDelete(_indexPath);
        // A failed rename may have put the log file into place all the same; it needs its index.
        if (!MayBeInPlace()) _segmentFiles.Disk.TryDelete(_segmentFiles.IndexPath(_baseOffset));
    }

    private bool MayBeInPlace()
    {
        try
        {
            return _segmentFiles.Disk.Stat(_segmentFiles.LogPath(_baseOffset)) is not null;
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
