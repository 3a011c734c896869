using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Repair;

/// <summary>Repairs of sealed segments.</summary>
internal static class SegmentRepair
{
    /// <summary>What <see cref="LogRepair.RebuildIndex"/> does.</summary>
    internal static RepairReport RebuildIndex(RepairSession session, long baseOffset)
    {
        session.RequireManifest();
        if (session.FindSealed(baseOffset) is not { } segment)
            throw new ArgumentException(baseOffset == session.Check.ActiveBase
                ? $"{SegmentName.Log(baseOffset)} is the active segment: each opening makes its index where it is lost"
                : $"{SegmentName.Log(baseOffset)} is no segment of the log", nameof(baseOffset));
        if (segment.IsArchived)
            throw new ArgumentException(
                $"{SegmentName.Log(baseOffset)} is in the archive, its index too", nameof(baseOffset));
        var (log, header) = session.SegmentFiles.OpenSealed(segment);
        using (log)
        {
            // An index of a newer version is not lost, so it is not replaced.
            using (var index = session.SegmentFiles.TryOpenIndex(segment))
                if (index is not null) IndexFileReader.ThrowIfNewer(index);
            var end = new Watermark(segment.NextOffset, SegmentHeader.SizeBytes + segment.SizeBytes);
            var start = new Watermark(baseOffset, SegmentHeader.SizeBytes);
            using var scanner = new FrameScanner(log, Frame.SaltState(header.Salt), start, end.EndPosition);
            var positions = new PositionTable();
            while (scanner.MoveNext()) positions.Add(scanner.Position);
            if (scanner.Fault is not null || scanner.Offset != segment.NextOffset)
                throw new WalDamagedException(
                    log.Path, scanner.Position, $"the frame of offset {scanner.Offset}",
                    scanner.Fault ?? "the end of the segment",
                    "records that can be found are served without an index; nothing makes one of a damaged log");
            session.KeepCopy(session.SegmentFiles.IndexPath(baseOffset));
            var sealedAt = segment.SealedAtUnixMs > 0 ? segment.SealedAtUnixMs : session.Now;
            session.WriteSealedIndex(header, segment with { SealedAtUnixMs = sealedAt }, positions);
        }
        return new RepairReport(session.Folder, null, null);
    }

    /// <summary>What <see cref="LogRepair.SetSegmentAside"/> does.</summary>
    internal static RepairReport SetAside(RepairSession session, long baseOffset)
    {
        session.RequireManifest();
        var (segmentFiles, check) = (session.SegmentFiles, session.Check);
        var known = session.FindSealed(baseOffset);
        if (known is { } segment) RequireKnownVersion(segmentFiles, segment);
        var missing = check.Missing.FirstOrDefault(missing => missing.Range.First == baseOffset);
        var range = known?.Range ?? missing.Range;
        var isIntruder = check.Faults.Any(fault =>
            fault is { Row: "S2", Kind: LogFaultKind.Foreign } && fault.Path == segmentFiles.LogPath(baseOffset));
        if (range.Next == 0 && !isIntruder)
            throw new ArgumentException(
                $"{SegmentName.Log(baseOffset)} is no sealed segment of the log", nameof(baseOffset));
        // The archive keeps the segment, although the log no longer lists it.
        var records = segmentFiles.PathOf(known is { } named ? named.FileName : SegmentName.Log(baseOffset));
        session.KeepCopy(records);
        session.KeepCopy(segmentFiles.IndexPath(baseOffset));
        // Order: copies, then the MANIFEST that calls the segment deleted, then the removal of its files.
        if (range.Next > 0)
            session.SaveManifest(session.Manifest with
            {
                DeletedRanges = OffsetRanges.Add(session.Manifest.DeletedRanges, range),
                SealedSegments = [.. session.Manifest.SealedSegments.Where(s => s.BaseOffset != baseOffset)],
            });
        session.Remove(records);
        session.Remove(segmentFiles.IndexPath(baseOffset));
        segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
        return range.Next > 0
            ? new RepairReport(session.Folder, range.First, range.Next - 1)
            : new RepairReport(session.Folder, null, null);
    }

    /// <summary>What <see cref="LogRepair.SealAsItIs"/> does.</summary>
    internal static RepairReport SealAsItIs(RepairSession session, long baseOffset)
    {
        session.RequireManifest();
        var (segmentFiles, check) = (session.SegmentFiles, session.Check);
        var mended =
            check.Faults.FirstOrDefault(fault => fault.Row == "S4"
                && fault.Path == segmentFiles.LogPath(baseOffset))
            ?? throw new ArgumentException(
                $"{SegmentName.Log(baseOffset)} is no segment that lacks its seal and has bad frames",
                nameof(baseOffset));
        // The new MANIFEST lists the segments before this one, and no opening looks into those any more.
        if (check.Faults.First(fault => fault.IsRefused) is var first && first != mended) throw first.ToException();
        var segment = session.FindSealed(baseOffset)!.Value;
        var (log, header) = segmentFiles.OpenSealed(segment);
        long? lostFrom = null, lostTo = null;
        using (log)
        {
            var walk = SegmentProbe.Walk(log, header, null, log.LengthBytes, segment.NextOffset, fault =>
            {
                lostFrom ??= fault.Offset;
                lostTo = fault.Offset;
            });
            // The walk of the frames broke off, and nothing tells where the rest of them are.
            if (baseOffset + walk.Positions.Count < segment.NextOffset) lostTo = segment.NextOffset - 1;
        }
        session.SaveManifest(session.Manifest with
        {
            SealedSegments = [.. session.Named().TakeWhile(s => s.BaseOffset <= baseOffset)],
        });
        return new RepairReport(null, lostFrom, lostTo);
    }

    // The check did not look into segments that the MANIFEST lists.
    private static void RequireKnownVersion(SegmentFiles segmentFiles, SealedSegment segment)
    {
        try
        {
            using (var index = segmentFiles.TryOpenIndex(segment))
                if (index is not null) IndexFileReader.ThrowIfNewer(index);
            segmentFiles.OpenSealed(segment).File.Dispose();
        }
        catch (WalException e) when (e is not WalNewerVersionException)
        {
            // The file is missing, bad or out of reach; that is why it is set aside.
        }
    }
}
