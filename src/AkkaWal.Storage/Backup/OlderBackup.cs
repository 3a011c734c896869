using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Backup;

/// <summary>
/// An older backup in a destination, and which of its segments are still those of the log. Only reads.
/// </summary>
internal sealed class OlderBackup : IDisposable
{
    private const int TailBytes = 64 << 10;

    private readonly LogCheckResult _check;
    private readonly IWalDirectory _opened;
    private readonly Dictionary<long, SealedSegment> _sealed;

    private OlderBackup(LogCheckResult check, IWalDirectory opened)
    {
        (_check, _opened) = (check, opened);
        _sealed = check.Sealed.ToDictionary(segment => segment.BaseOffset);
    }

    /// <summary>The base offset of its last segment.</summary>
    internal long ActiveBase => _check.ActiveBase;

    private SegmentFiles SegmentFiles => _check.SegmentFiles;

    /// <summary>Looks at a directory that has a MANIFEST, and requires that it is a backup of the log.</summary>
    /// <exception cref="WalFaultException">
    /// The directory is no backup of that log, is damaged, or was opened for writing since it was taken.
    /// </exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static OlderBackup Of(IWalFileSystem files, string directory, SegmentFiles source)
    {
        var opened = files.OpenDirectory(directory);
        try
        {
            var segmentFiles = new SegmentFiles(opened, directory, Guid.Empty, new WalOptions());
            var check = LogCheck.Of(DirectoryLook.At(segmentFiles));
            Require(check, source);
            return new OlderBackup(check, opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public void Dispose() => _opened.Dispose();

    private static void Require(LogCheckResult check, SegmentFiles source)
    {
        var segmentFiles = check.SegmentFiles;
        if (check.Manifest is { } manifest && manifest.LogId != source.LogId)
            throw new WalForeignException(
                segmentFiles.PathOf(SegmentName.Manifest), 16, $"a backup of the log {source.LogId}",
                $"one of the log {manifest.LogId}", Advice.OtherDestination);
        if (check.Refusal is { } refusal) throw refusal.ToException();
        // In a backup the last segment's index has the first slot in the state clean. A writer writes further slots.
        var isUntouched = check.Tail is null or
        {
            Case: RecoveryCase.CleanStop, Slot: { Sequence: 0, State: IndexState.Clean },
        };
        if (!isUntouched || check.Sealed.Any(segment => segment.IsArchived))
            throw new WalForeignException(
                segmentFiles.LogPath(check.ActiveBase), 0, "a backup as it was taken",
                "a log that was opened for writing: it is a log of its own since", Advice.OtherDestination);
    }

    /// <summary>
    /// Requires that its last records are still in the log, at the same place, or were deleted since. Then all records
    /// before them are the log's too, and an update loses none.
    /// </summary>
    /// <exception cref="WalForeignException">The log does not have these records.</exception>
    /// <exception cref="WalFaultException">The log has changed since the look.</exception>
    internal void RequireTailIn(BackupView view)
    {
        if (_check.Tail is not { } tail || tail.End.NextOffset == ActiveBase) return;
        // The log deleted the segment since, alone or with all before it.
        if (OffsetRanges.Contains(view.Catalog.DeletedRanges, ActiveBase)) return;
        var (known, isActive) = view.EntryOf(ActiveBase);
        if (!isActive && known?.BaseOffset != ActiveBase)
            throw NotInLog(0, $"a segment of offset {ActiveBase}, which the log never had");
        var (theirs, header) = known is { } segment
            ? view.SegmentFiles.OpenSealed(segment)
            : view.SegmentFiles.OpenLog(ActiveBase, FileAccessMode.Read);
        using (theirs)
        {
            var (own, ownHeader) = SegmentFiles.OpenLog(ActiveBase, FileAccessMode.Read);
            using (own)
            {
                if (header.Salt != ownHeader.Salt) throw NotInLog(40, "the salt of another segment");
                var at = own.FirstDifference(theirs, 0, tail.End.EndPosition);
                if (at >= 0) throw NotInLog(at, "records that the log does not have");
            }
        }
    }

    /// <summary>
    /// The segment as this backup holds it; null where it has to be copied. It counts as the same segment where the
    /// header and the index slot are equal (salt, seal time, end, checksum of the positions), and so is the block
    /// directory of a compressed segment, or the last 64 KiB of any other.
    /// </summary>
    internal SealedSegment? Find(SegmentFiles source, SealedSegment segment)
    {
        if (!_sealed.TryGetValue(segment.BaseOffset, out var own) || own.Range != segment.Range) return null;
        if (own.SizeBytes != segment.SizeBytes || own.IsCompressed != segment.IsCompressed) return null;
        try
        {
            return IsSame(source, segment, own) ? own : null;
        }
        catch (WalFaultException e) when (e.Path.StartsWith(SegmentFiles.Directory + "/", StringComparison.Ordinal))
        {
            // The backup's file is damaged: copy the segment again.
            return null;
        }
    }

    private bool IsSame(SegmentFiles source, SealedSegment segment, SealedSegment own)
    {
        var (theirLog, header) = source.OpenSealed(segment);
        using (theirLog)
        {
            var (ownLog, ownHeader) = SegmentFiles.OpenSealed(own);
            using (ownLog)
            {
                if (header != ownHeader || ownLog.LengthBytes != SegmentHeader.SizeBytes + own.SizeBytes) return false;
                if (SlotOf(source, segment, header) is not { } slot || SlotOf(SegmentFiles, own, header) != slot)
                    return false;
                if (segment.IsCompressed) return DirectoryChecksumOf(theirLog) == DirectoryChecksumOf(ownLog);
                var end = SegmentHeader.SizeBytes + segment.SizeBytes;
                return ownLog.HasSameBytesAs(theirLog, Math.Max(0, end - TailBytes), end);
            }
        }
    }

    private static uint DirectoryChecksumOf(IWalFile compressed) => ((CompressedLogFile)compressed).DirectoryChecksum;

    private static IndexSlot? SlotOf(SegmentFiles segmentFiles, SealedSegment segment, SegmentHeader header)
    {
        using var index = segmentFiles.TryOpenIndex(segment);
        if (index is null) return null;
        var slot = IndexFileReader.TryReadCompleteSlot(index, header, segment.Info.RecordCount);
        var bytes = IndexSlot.EntriesAt + segment.Info.RecordCount * IndexSlot.EntryBytes;
        return slot is { State: IndexState.Sealed } && index.LengthBytes >= bytes ? slot : null;
    }

    private WalForeignException NotInLog(long position, string found)
    {
        const string Expected = "an older backup of what the log holds now";
        return new(SegmentFiles.LogPath(ActiveBase), position, Expected, found, Advice.OtherDestination);
    }
}
