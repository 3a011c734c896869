using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Backup;

/// <summary>
/// Copies segments of a log into a directory, each with a new index. Every frame of a copy is verified after it was
/// written, so that damage in the source is found and not copied. The files are synced; their names are not.
/// </summary>
/// <param name="files">The file system of the copies.</param>
/// <param name="directory">The directory of the copies.</param>
/// <param name="suffix">What is appended to their names until they are put in place.</param>
/// <param name="copied">Takes how many bytes were copied, part by part. An exception from it ends the copy.</param>
internal sealed class SegmentCopier(IWalFileSystem files, string directory, string suffix, Action<int> copied)
{
    /// <summary>Copies a sealed segment as it is, compressed or not; from the archive where it is there.</summary>
    /// <returns>The segment as the copy's MANIFEST must list it.</returns>
    /// <exception cref="WalFaultException">The segment is missing, damaged or of a newer version.</exception>
    /// <exception cref="WalIOException">The platform failed, or the archive is out of reach.</exception>
    internal SealedSegment CopySealed(SegmentFiles source, SealedSegment segment)
    {
        var copy = Beside(source, segment);
        var path = PathOf(copy.FileName);
        string sourcePath;
        SegmentHeader header;
        using (var from = OpenStored(source, segment, out header))
        {
            sourcePath = from.Path;
            using var to = files.Open(path, FileAccessMode.CreateOrTruncate);
            var plainBytes = SegmentHeader.SizeBytes + segment.SizeBytes;
            from.CopyTo(to, 0, segment.IsCompressed ? from.LengthBytes : plainBytes, copied);
            to.Sync();
        }
        var positions = Verify(source, path, sourcePath, segment, header);
        WriteIndex(SlotOf(source, segment, header) with { EntriesChecksum = positions.Checksum() }, positions);
        TryMakeReadOnly(path);
        TryMakeReadOnly(PathOf(SegmentName.Index(segment.BaseOffset)));
        return copy;
    }

    /// <summary>
    /// Copies the active segment, or one that was active a moment ago, up to its last whole batch. The copy is as a
    /// clean stop leaves a segment.
    /// </summary>
    /// <returns>The end of the copy, and the source's watermark from before the copy.</returns>
    /// <exception cref="WalFaultException">The segment is missing or damaged.</exception>
    internal (Watermark End, long DurableNextOffset) CopyActive(SegmentFiles source, long baseOffset)
    {
        var (log, header) = source.OpenLog(baseOffset, FileAccessMode.Read);
        using (log)
        {
            // Reads the watermark first: every record below it is then in the file that is copied.
            var slot = SegmentIndexReader.TryRead(source, header, out _);
            using var to = files.Open(PathOf(SegmentName.Log(baseOffset)), FileAccessMode.CreateOrTruncate);
            log.CopyTo(to, 0, log.LengthBytes, copied);
            var start = new Watermark(baseOffset, SegmentHeader.SizeBytes);
            var (end, positions, fault) = WholeBatches(to, header, start, to.LengthBytes);
            var durable = slot?.Watermark ?? start;
            if (end.NextOffset < durable.NextOffset)
                throw new WalDamagedException(
                    log.Path, end.EndPosition, $"the frame of offset {end.NextOffset}, which was synced",
                    fault ?? "the end of the file", Advice.BackUpWhatIsWhole);
            to.SetLength(end.EndPosition);
            to.Sync();
            var window = slot?.WindowBytes ?? source.UnsyncedWindowBytes;
            var checksum = positions.Checksum();
            WriteIndex(new(IndexState.Clean, header.Salt, baseOffset, 0, end, window, 0, checksum), positions);
            return (end, durable.NextOffset);
        }
    }

    /// <summary>A segment as the copy's MANIFEST lists it: beside the log, not in an archive.</summary>
    private static SealedSegment Beside(SegmentFiles source, SealedSegment segment) => segment with
    {
        State = segment.State & ~SegmentState.Archived,
        Place = 0,
        ArchiveChecksum = 0,
        StoredBytes = segment.IsCompressed ? segment.StoredBytes : 0,
        // A segment whose seal was not finished has no seal time; it gets the current time.
        SealedAtUnixMs = segment.SealedAtUnixMs > 0
            ? segment.SealedAtUnixMs
            : source.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    // Opens a compressed segment first as the log file it stands for, which checks its head, then with its blocks
    // compressed.
    private static IWalFile OpenStored(SegmentFiles source, SealedSegment segment, out SegmentHeader header)
    {
        if (segment.IsArchived && source.Options.Archive is null)
            throw new WalIOException(
                $"copy offsets {segment.BaseOffset} to {segment.NextOffset - 1} out of", SegmentFiles.ArchivePath,
                false, "no archive is set");
        (var log, header) = source.OpenSealed(segment);
        if (!segment.IsCompressed) return log;
        log.Dispose();
        return source.OpenCompressed(segment);
    }

    private PositionTable Verify(
        SegmentFiles source, string path, string sourcePath, SealedSegment segment, SegmentHeader header)
    {
        var file = files.Open(path, FileAccessMode.Read);
        if (segment.IsCompressed) file = CompressedLogFile.Open(file, source, segment);
        using (file)
        {
            var start = new Watermark(segment.BaseOffset, SegmentHeader.SizeBytes);
            var endPosition = SegmentHeader.SizeBytes + segment.SizeBytes;
            var (end, positions, fault) = WholeBatches(file, header, start, endPosition);
            if (end != new Watermark(segment.NextOffset, endPosition))
                throw new WalDamagedException(
                    sourcePath, end.EndPosition, $"the frame of offset {end.NextOffset}",
                    fault ?? "the end of the file", Advice.BackUpWhatIsWhole);
            return positions;
        }
    }

    private static (Watermark End, PositionTable Positions, string? Fault) WholeBatches(
        IWalFile file, SegmentHeader header, Watermark start, long endPosition)
    {
        var (end, positions) = (start, new PositionTable());
        using var scanner = new FrameScanner(file, Frame.SaltState(header.Salt), start, endPosition);
        while (scanner.MoveNext())
        {
            positions.Add(scanner.Position);
            if (!scanner.Continues) end = new Watermark(scanner.Offset + 1, scanner.NextPosition);
        }
        positions.TrimTo((int)(end.NextOffset - start.NextOffset));
        positions.Pack();
        return (end, positions, scanner.Fault);
    }

    // The source's own slot where it is valid: a later backup recognizes the segment by it.
    private static IndexSlot SlotOf(SegmentFiles source, SealedSegment segment, SegmentHeader header)
    {
        var end = new Watermark(segment.NextOffset, SegmentHeader.SizeBytes + segment.SizeBytes);
        using var index = source.TryOpenIndex(segment);
        if (index is not null) IndexFileReader.ThrowIfNewer(index);
        var slot = index is null
            ? null
            : IndexFileReader.TryReadCompleteSlot(index, header, segment.Info.RecordCount);
        if (slot is { State: IndexState.Sealed } own && own.Watermark == end) return own;
        return source.EmptyIndexSlot(header) with
        {
            State = IndexState.Sealed, Watermark = end, SealedAtUnixMs = Beside(source, segment).SealedAtUnixMs,
        };
    }

    private void WriteIndex(IndexSlot slot, PositionTable positions)
    {
        using var file = files.Open(PathOf(SegmentName.Index(slot.BaseOffset)), FileAccessMode.CreateOrTruncate);
        var head = new byte[IndexSlot.EntriesAt];
        slot.Encode(head.AsSpan((int)slot.WriteAt));
        file.Write(0, head);
        var index = new SegmentIndexFile(file, slot);
        index.SaveEntries(positions, positions.Count);
        index.Sync();
    }

    // Some file systems have no permissions; the copy works without.
    private void TryMakeReadOnly(string path)
    {
        try
        {
            files.MakeReadOnly(path);
        }
        catch (WalIOException)
        {
        }
    }

    private string PathOf(string name) => Path.Combine(directory, name) + suffix;
}
