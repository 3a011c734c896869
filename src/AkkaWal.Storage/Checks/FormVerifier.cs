using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// Proves which of several files hold the whole of a sealed segment, by checking every frame in them. A file that an
/// interrupted operation left is removed only where another file is proved to hold the segment.
/// </summary>
internal static class FormVerifier
{
    /// <summary>
    /// All files that hold a segment's records. The first one is that of the segment's state, even where it is missing.
    /// </summary>
    internal static IReadOnlyList<FormFacts> FormsOf(
        SegmentFiles segmentFiles, SealedSegment segment, DirectoryNames names)
    {
        var named = segment.Form;
        List<FormFacts> forms = [Prove(segmentFiles, segment, named)];
        if (named != 0 && names.Logs.Contains(segment.BaseOffset)) forms.Add(Prove(segmentFiles, segment, 0));
        if (named != SegmentState.Compressed && names.Compressed.Contains(segment.BaseOffset))
            forms.Add(Prove(segmentFiles, segment, SegmentState.Compressed));
        return forms;
    }

    /// <summary>A segment in the state that it has when it is read from another of its files.</summary>
    internal static SealedSegment InForm(SealedSegment segment, FormFacts form)
    {
        // The state "incompressible" was found for the plain file.
        var kept = form.Form == 0 ? segment.State & SegmentState.Incompressible : 0;
        var storedBytes = form.Form == 0 ? 0 : form.StoredBytes;
        return Beside(segment, form.Form | kept) with { StoredBytes = storedBytes };
    }

    // A segment beside the log has no place in the archive.
    private static SealedSegment Beside(SealedSegment segment, SegmentState state) =>
        segment with { State = SegmentState.Sealed | state, Place = 0, ArchiveChecksum = 0 };

    private static FormFacts Prove(SegmentFiles segmentFiles, SealedSegment segment, SegmentState form)
    {
        var file = form.IsArchived ? segment : Beside(segment, form);
        try
        {
            var (log, header) = segmentFiles.OpenSealed(file);
            using (log)
            {
                if (log.LengthBytes != SegmentHeader.SizeBytes + segment.SizeBytes
                    || ChecksumOfFrames(log, header, segment.NextOffset) is not { } checksum)
                {
                    return new FormFacts(form, FormProof.Bad, header.Salt, 0, 0);
                }
                var storedBytes =
                    form == SegmentState.Compressed ? segmentFiles.Disk.Stat(log.Path)?.LengthBytes ?? 0 : 0;
                var proof = file.IsArchived ? FormProof.Whole : HoldAgainstManifest(segmentFiles, segment, file, log);
                return new FormFacts(form, proof, header.Salt, checksum, storedBytes);
            }
        }
        catch (WalException e)
        {
            var proof = e switch
            {
                WalAbsentException => FormProof.Missing,
                WalNewerVersionException => FormProof.Newer,
                WalFaultException => FormProof.Bad,
                _ => FormProof.OutOfReach,
            };
            return new FormFacts(form, proof, 0, 0, 0);
        }
    }

    // For an archived segment the MANIFEST has a checksum of the file in the form in which it was archived.
    private static FormProof HoldAgainstManifest(
        SegmentFiles segmentFiles, SealedSegment segment, SealedSegment file, IWalFile log)
    {
        if (segment.ArchiveChecksum == 0) return FormProof.Whole;
        if (segment.IsCompressed != file.IsCompressed) return FormProof.Unproved;
        var checksum = (log as CompressedLogFile)?.DirectoryChecksum ?? ChecksumOfPlain(segmentFiles, file);
        return checksum == segment.ArchiveChecksum ? FormProof.Whole : FormProof.OtherRecords;
    }

    private static uint? ChecksumOfPlain(SegmentFiles segmentFiles, SealedSegment file)
    {
        using var reader = SegmentReader.Open(segmentFiles, file, ignoresIndex: true);
        return CompressedLogWriter.Prove(reader)?.Checksum;
    }

    private static uint? ChecksumOfFrames(IWalFile log, SegmentHeader header, long nextOffset)
    {
        var start = new Watermark(header.BaseOffset, SegmentHeader.SizeBytes);
        using var scanner = new FrameScanner(log, Frame.SaltState(header.Salt), start, log.LengthBytes);
        var state = Crc32C.Seed;
        while (scanner.MoveNext()) state = Crc32C.Step(state, scanner.FrameBytes);
        return scanner.Fault is null && scanner.Offset == nextOffset ? ~state : null;
    }
}
