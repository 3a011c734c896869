using System.Buffers.Binary;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// Looks at a log directory: its names, its MANIFEST, and the segments that the MANIFEST does not list, which are few.
/// It changes nothing and decides nothing; <see cref="LogCheck"/> decides.
/// </summary>
internal static class DirectoryLook
{
    /// <summary>Looks at a log directory.</summary>
    /// <param name="segmentFiles">Where the log is. Its id is not known yet.</param>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static LogFacts At(SegmentFiles segmentFiles)
    {
        var names = DirectoryNames.Of(segmentFiles.Disk.List(segmentFiles.Directory), segmentFiles.Options.Neighbours);
        var facts = WithManifest(new LogFacts { SegmentFiles = segmentFiles, Names = names });
        if (facts.ManifestFault is WalNewerVersionException) return facts;
        var bases = UnknownBases(facts);
        var logId = facts.Manifest?.LogId ?? FirstLogId(segmentFiles, names, bases);
        facts = facts with { SegmentFiles = segmentFiles with { LogId = logId } };
        facts = WithSegments(facts, bases);
        return facts.Manifest is { } manifest ? WithLeftovers(facts, manifest) : facts;
    }

    private static LogFacts WithManifest(LogFacts facts)
    {
        if (!facts.Names.HasManifest) return facts;
        var path = facts.SegmentFiles.PathOf(SegmentName.Manifest);
        if (!facts.Names.IsPlain(SegmentName.Manifest))
            return facts with { ManifestFault = WalForeignException.NoPlainFile(path) };
        try
        {
            var bytes = facts.SegmentFiles.Disk.ReadWhole(path);
            var manifest = Manifest.Decode(bytes, path);
            var checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)));
            return facts with { Manifest = manifest, ManifestChecksum = checksum };
        }
        catch (WalFaultException e)
        {
            return facts with { ManifestFault = e };
        }
    }

    // Without a MANIFEST a compressed file counts as a segment too: its head says what it holds.
    private static List<long> UnknownBases(LogFacts facts)
    {
        if (facts.Manifest is not { } manifest) return [.. facts.Names.Logs.Union(facts.Names.Compressed).Order()];
        var unknown = new HashSet<long>(facts.Names.Logs);
        foreach (var segment in manifest.SealedSegments) unknown.Remove(segment.BaseOffset);
        return [.. unknown.Where(baseOffset => !OffsetRanges.Contains(manifest.DeletedRanges, baseOffset)).Order()];
    }

    // Without a MANIFEST the log's id is taken from the first segment with a valid header.
    private static Guid FirstLogId(SegmentFiles segmentFiles, DirectoryNames names, List<long> bases)
    {
        foreach (var baseOffset in bases)
        {
            try
            {
                var isLog = names.Logs.Contains(baseOffset);
                var path = isLog ? segmentFiles.LogPath(baseOffset) : segmentFiles.CompressedPath(baseOffset);
                using var file = segmentFiles.OpenExisting(path, FileAccessMode.Read);
                var head = new byte[CompressedHead.SizeBytes];
                var bytes = head.AsSpan(0, file.Read(0, head));
                if (isLog) return SegmentHeader.Decode(bytes, file.Path).LogId;
                return CompressedHead.Decode(bytes, file.Path).Segment.LogId;
            }
            catch (WalFaultException)
            {
                // Try the next one.
            }
        }
        return Guid.Empty;
    }

    private static LogFacts WithSegments(LogFacts facts, List<long> bases)
    {
        List<SegmentFacts> segments = [];
        TailSurvey? tail = null;
        foreach (var baseOffset in bases)
        {
            var isLast = baseOffset == bases[^1];
            segments.Add(facts.Names.Logs.Contains(baseOffset)
                ? LookIntoLog(facts.SegmentFiles, baseOffset, isLast, ref tail)
                : LookIntoCompressed(facts.SegmentFiles, baseOffset));
        }
        return facts with { Segments = segments, Tail = tail };
    }

    private static SegmentFacts LookIntoLog(
        SegmentFiles segmentFiles, long baseOffset, bool isLast, ref TailSurvey? tail)
    {
        long length = 0;
        try
        {
            using var log = segmentFiles.OpenExisting(segmentFiles.LogPath(baseOffset), FileAccessMode.Read);
            length = log.LengthBytes;
            var header = segmentFiles.HeaderOf(log, baseOffset);
            var mark = SegmentIndexReader.TryReadSealedMark(segmentFiles, header);
            var facts = new SegmentFacts(baseOffset, length) { Mark = mark };
            if (mark is not null) return facts;
            if (isLast) tail = TailSurvey.Of(segmentFiles, log, header);
            return isLast ? facts : facts with { Extent = ExtentOf(segmentFiles, log, header) };
        }
        catch (WalFaultException e)
        {
            return new SegmentFacts(baseOffset, length) { HeadFault = e };
        }
    }

    private static SegmentFacts LookIntoCompressed(SegmentFiles segmentFiles, long baseOffset)
    {
        var path = segmentFiles.CompressedPath(baseOffset);
        long length = 0;
        try
        {
            using var file = segmentFiles.OpenExisting(path, FileAccessMode.Read);
            length = file.LengthBytes;
            var bytes = new byte[CompressedHead.SizeBytes];
            var head =
                CompressedHead.Decode(bytes.AsSpan(0, file.Read(0, bytes)), path, segmentFiles.LogId, baseOffset);
            var sealedAt = SegmentIndexReader.TryReadSlot(segmentFiles, head.Segment)?.SealedAtUnixMs ?? 0;
            return new SegmentFacts(baseOffset, length)
            {
                Mark = new SealedSegment(
                    baseOffset, head.NextOffset, head.LogLengthBytes - SegmentHeader.SizeBytes,
                    SegmentState.Sealed | SegmentState.Compressed,
                    head.StoredLengthBytes, sealedAt),
            };
        }
        catch (WalFaultException e)
        {
            return new SegmentFacts(baseOffset, length) { HeadFault = e };
        }
    }

    private static SegmentExtent ExtentOf(SegmentFiles segmentFiles, IWalFile log, SegmentHeader header)
    {
        var survey = TailSurvey.Of(segmentFiles, log, header, trustCleanMark: false);
        var isWhole = survey.Case == RecoveryCase.Intact;
        var found = isWhole ? $"whole frames up to offset {survey.End.NextOffset - 1}" : survey.Fault;
        return new SegmentExtent(survey.End, isWhole, found);
    }

    private static LogFacts WithLeftovers(LogFacts facts, Manifest manifest)
    {
        var names = facts.Names;
        var forms = new Dictionary<long, IReadOnlyList<FormFacts>>();
        foreach (var segment in manifest.SealedSegments)
        {
            var named = segment.Form;
            // Any file beside the log other than the one that the segment's state calls for.
            var hasOther = (named != 0 && names.Logs.Contains(segment.BaseOffset))
                || (named != SegmentState.Compressed && names.Compressed.Contains(segment.BaseOffset));
            if (hasOther) forms.Add(segment.BaseOffset, FormVerifier.FormsOf(facts.SegmentFiles, segment, names));
        }
        var known = manifest.SealedSegments.Count > 0 ? manifest.SealedSegments[^1].NextOffset : 0;
        var unborn = names.Indexes.Where(b => b >= known && !names.Logs.Contains(b)
            && IsUnborn(facts.SegmentFiles, names, b))
            .ToHashSet();
        return facts with
        {
            Forms = forms,
            OwnPlace = forms.Count > 0 ? TryFindPlace(facts.SegmentFiles) : null,
            BeingDeleted = DeletionNote.Read(facts.SegmentFiles, names),
            UnbornIndexes = unborn,
        };
    }

    private static int? TryFindPlace(SegmentFiles segmentFiles)
    {
        try
        {
            return IdentityFile.FindPlace(segmentFiles);
        }
        catch (WalFaultException)
        {
            return null;
        }
    }

    private static bool IsUnborn(SegmentFiles segmentFiles, DirectoryNames names, long baseOffset)
    {
        if (!names.IsPlain(SegmentName.Index(baseOffset))) return false;
        using var file = segmentFiles.Disk.Open(segmentFiles.IndexPath(baseOffset), FileAccessMode.Read);
        var head = new byte[IndexSlot.EntriesAt];
        return file.LengthBytes == head.Length && IndexSlot.IsUnborn(head.AsSpan(0, file.Read(0, head)), baseOffset);
    }
}
