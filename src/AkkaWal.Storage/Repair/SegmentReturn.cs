using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Puts a segment back into a gap: first the file, then the MANIFEST that lists it. A crash between the two leaves a
/// file of a deleted segment, which the next opening sets aside.
/// </summary>
internal static class SegmentReturn
{
    /// <summary>What <see cref="LogRepair.PutSegmentBack"/> does.</summary>
    internal static RepairReport PutBack(RepairSession session, IWalFileSystem files, string path)
    {
        var segmentFiles = session.SegmentFiles;
        session.RequireNothingElse();
        var (segment, header, positions) = Prove(segmentFiles, files, path);
        if (!session.Manifest.DeletedRanges.Any(range =>
            range.First <= segment.BaseOffset && segment.NextOffset <= range.Next))
            throw new ArgumentException(
                $"{path} has offsets {segment.BaseOffset} to {segment.NextOffset - 1}: they are no gap of the log's",
                nameof(path));
        var (log, index) = (segmentFiles.PathOf(segment.FileName), segmentFiles.IndexPath(segment.BaseOffset));
        session.KeepCopy(log);
        List<SealedSegment> segments = [.. session.Named(), segment];
        segments.Sort((one, other) => one.BaseOffset.CompareTo(other.BaseOffset));
        // All files are written before one is put in place: where there is no room for them, the log stays as it was.
        var newLog = Copy(segmentFiles, files, path, log, segment);
        var newIndex = session.PrepareSealedIndex(header, segment, positions);
        var newManifest = session.PrepareManifest(session.Manifest with
        {
            StartOffset = Math.Min(session.Manifest.StartOffset, segment.BaseOffset),
            DeletedRanges = OffsetRanges.Remove(session.Manifest.DeletedRanges, segment.Range),
            SealedSegments = segments,
        });
        session.Replace(log, newLog);
        session.Replace(index, newIndex);
        // Once their names are on the disk: no try could write to a temporary file that is read-only.
        segmentFiles.MakeReadOnly(log);
        segmentFiles.MakeReadOnly(index);
        session.ReplaceManifest(newManifest);
        return new RepairReport(session.Folder, null, null);
    }

    // The temporary file's path, to be renamed.
    private static string Copy(
        SegmentFiles segmentFiles, IWalFileSystem files, string path, string target, SealedSegment segment)
    {
        var temporary = target + WholeFile.TemporarySuffix;
        using (var from = files.Open(path, FileAccessMode.Read))
        using (var to = segmentFiles.Disk.Open(temporary, FileAccessMode.CreateOrTruncate))
        {
            from.CopyTo(
                to, 0, segment.StoredBytes > 0 ? segment.StoredBytes : SegmentHeader.SizeBytes + segment.SizeBytes);
            to.Sync();
        }
        return temporary;
    }

    private static (SealedSegment Segment, SegmentHeader Header, PositionTable Positions) Prove(
        SegmentFiles segmentFiles, IWalFileSystem files, string path)
    {
        var file = files.Open(path, FileAccessMode.Read);
        try
        {
            var sealedAt = segmentFiles.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();
            SealedSegment known = default;
            SegmentHeader header;
            if (path.EndsWith(SegmentName.CompressedSuffix, StringComparison.Ordinal))
            {
                var bytes = new byte[CompressedHead.SizeBytes];
                var head = CompressedHead.Decode(bytes.AsSpan(0, file.Read(0, bytes)), path);
                header = head.Segment;
                known = new SealedSegment(
                    header.BaseOffset, head.NextOffset, head.LogLengthBytes - SegmentHeader.SizeBytes,
                    SegmentState.Sealed | SegmentState.Compressed,
                    head.StoredLengthBytes, sealedAt);
                header.Require(path, segmentFiles.LogId, header.BaseOffset);
                file = CompressedLogFile.Open(file, segmentFiles, known);
            }
            else
            {
                var head = new byte[SegmentHeader.SizeBytes];
                header = SegmentHeader.Decode(head.AsSpan(0, file.Read(0, head)), path);
                header.Require(path, segmentFiles.LogId, header.BaseOffset);
            }
            using var scanner = new FrameScanner(
                file, Frame.SaltState(header.Salt), new Watermark(header.BaseOffset, SegmentHeader.SizeBytes),
                file.LengthBytes);
            var positions = new PositionTable();
            while (scanner.MoveNext()) positions.Add(scanner.Position);
            // Zeros behind the last frame are space that was reserved while the segment was active.
            var isWhole = scanner.Fault is null
                || TailSurvey.LengthWithoutZeros(file, scanner.Position, file.LengthBytes) == 0;
            if (!isWhole || positions.Count == 0)
                throw new WalDamagedException(
                    path, scanner.Position, $"the frame of offset {scanner.Offset}",
                    scanner.Fault ?? "the end of the file");
            if (known.NextOffset > 0) return (known, header, positions);
            var size = scanner.Position - SegmentHeader.SizeBytes;
            var plain = new SealedSegment(header.BaseOffset, scanner.Offset, size, SegmentState.Sealed, 0, sealedAt);
            return (plain, header, positions);
        }
        finally
        {
            file.Dispose();
        }
    }
}
