using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Judgement;

/// <summary>
/// Proves which of several files hold all of a sealed segment, by every frame in them: what is left over from an
/// interrupted operation is removed only where the segment is proved to be elsewhere.
/// </summary>
internal static class FormProver
{
    /// <summary>
    /// Each file that there is of a segment's records, and the one that its state calls for, there or not, first.
    /// </summary>
    internal static IReadOnlyList<FormFacts> FormsOf(SegmentStore store, SealedSegment segment, DirectoryNames names)
    {
        var named = segment.Form;
        List<FormFacts> forms = [Prove(store, segment, named)];
        if (named != 0 && names.Logs.Contains(segment.BaseOffset)) forms.Add(Prove(store, segment, 0));
        if (named != SegmentState.Compressed && names.Compressed.Contains(segment.BaseOffset))
            forms.Add(Prove(store, segment, SegmentState.Compressed));
        return forms;
    }

    /// <summary>A segment as it is where it is read from another of its files.</summary>
    internal static SealedSegment InForm(SealedSegment segment, FormFacts form)
    {
        // That it does not shrink was found out of the plain file.
        var kept = form.Form == 0 ? segment.State & SegmentState.Incompressible : 0;
        var storedBytes = form.Form == 0 ? 0 : form.StoredBytes;
        return Beside(segment, form.Form | kept) with { StoredBytes = storedBytes };
    }

    // What is beside the log has no place in the archive.
    private static SealedSegment Beside(SealedSegment segment, SegmentState state) =>
        segment with { State = SegmentState.Sealed | state, Place = 0, ArchiveChecksum = 0 };

    private static FormFacts Prove(SegmentStore store, SealedSegment segment, SegmentState form)
    {
        var file = form.HasFlag(SegmentState.Archived) ? segment : Beside(segment, form);
        try
        {
            var (log, header) = store.OpenSealed(file);
            using (log)
            {
                var isWhole = log.LengthBytes == SegmentHeader.SizeBytes + segment.SizeBytes
                    && IsWhole(log, header, segment.NextOffset);
                var storedBytes = form == SegmentState.Compressed ? store.Files.Stat(log.Path)?.LengthBytes ?? 0 : 0;
                return new FormFacts(form, isWhole ? FormProof.Whole : FormProof.Bad, header.Salt, storedBytes);
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
            return new FormFacts(form, proof, 0, 0);
        }
    }

    private static bool IsWhole(IWalFile log, SegmentHeader header, long nextOffset)
    {
        var start = new Watermark(header.BaseOffset, SegmentHeader.SizeBytes);
        using var scanner = new FrameScanner(log, Frame.SaltState(header.Salt), start, log.LengthBytes);
        while (scanner.MoveNext())
        {
        }
        return scanner.Fault is null && scanner.Offset == nextOffset;
    }
}
