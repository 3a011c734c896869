using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Checks;

/// <summary>
/// Checks the files that a log does not use. A file is removed where it is proved that an interrupted operation left it
/// and that its contents are elsewhere. A file that a person may want back is set aside.
/// </summary>
internal sealed class LeftoverCheck
{
    /// <summary>The row of files of segments that were deleted.</summary>
    internal const string DeletedRow = "S5";

    private readonly LogFacts _facts;
    private readonly Manifest _manifest;
    private readonly List<Leftover> _leftovers = [];

    private LeftoverCheck(LogFacts facts, Manifest manifest) => (_facts, _manifest) = (facts, manifest);

    /// <summary>Checks the leftovers of a log directory.</summary>
    /// <param name="facts">What a look at the directory found.</param>
    /// <param name="segments">The sealed segments that the log will have.</param>
    /// <param name="activeBase">The active segment's base offset.</param>
    internal static List<Leftover> Of(LogFacts facts, IReadOnlyList<SealedSegment> segments, long activeBase)
    {
        List<Leftover> leftovers = [];
        // Without a MANIFEST nothing tells which files a segment should have.
        if (facts.Manifest is { } manifest)
        {
            var check = new LeftoverCheck(facts, manifest);
            check.CheckDeleted();
            check.CheckForms(segments);
            check.CheckCompressed();
            check.CheckIndexes(segments, activeBase);
            leftovers = check._leftovers;
        }
        foreach (var name in facts.Names.Temporaries) leftovers.Add(new Leftover(name, "", LeftoverFate.Remove, ""));
        foreach (var name in facts.Names.Strangers)
            leftovers.Add(new Leftover(name, "", LeftoverFate.Mention, "not of the log"));
        return leftovers;
    }

    private void Add(string name, string row, LeftoverFate fate, string why) =>
        _leftovers.Add(new Leftover(name, row, fate, why));

    private bool IsDeleted(long baseOffset) => OffsetRanges.Contains(_manifest.DeletedRanges, baseOffset);

    // S5. A deletion notes beforehand which segments it removes. A person may have put any other file there.
    private void CheckDeleted()
    {
        if (_manifest.DeletedRanges.Count == 0) return;
        Check(_facts.Names.Logs, SegmentName.Log);
        Check(_facts.Names.Compressed, SegmentName.Compressed);
        Check(_facts.Names.Indexes, SegmentName.Index);

        void Check(IEnumerable<long> bases, Func<long, string> nameOf)
        {
            foreach (var baseOffset in bases.Where(IsDeleted).Order())
            {
                var fate = _facts.BeingDeleted.Contains(baseOffset) ? LeftoverFate.Remove : LeftoverFate.SetAside;
                Add(nameOf(baseOffset), DeletedRow, fate, "a file of a segment that was deleted");
            }
        }
    }

    // S7. A segment's records are kept in the file of its form. The other files are checked against that one.
    private void CheckForms(IReadOnlyList<SealedSegment> segments)
    {
        foreach (var segment in segments)
        {
            if (!_facts.Forms.TryGetValue(segment.BaseOffset, out var forms)) continue;
            var kept = forms.First(form => form.Form == segment.Form);
            foreach (var form in forms)
                if (form.Form != kept.Form && form.Proof != FormProof.Missing) CheckForm(segment, form, kept);
            if (kept.Form.IsArchived && kept.Proof == FormProof.Whole) RemoveIndex(segment.BaseOffset);
        }
    }

    private void CheckForm(SealedSegment segment, FormFacts form, FormFacts kept)
    {
        var name = (segment with { State = SegmentState.Sealed | form.Form }).FileName;
        var isInArchive = form.Form.IsArchived;
        var (fate, why) = (kept.Proof, form.Proof) switch
        {
            (_, FormProof.Whole or FormProof.OutOfReach) when isInArchive =>
                (LeftoverFate.Mention, "in another log's place in the archive; its segment is read from the file here"),
            _ when isInArchive =>
                (LeftoverFate.Mention, "bad in the archive; its segment is read from the file beside the log"),
            (_, FormProof.Newer or FormProof.OutOfReach) =>
                (LeftoverFate.Mention, "a second file of its segment, which can't be checked"),
            (FormProof.Whole, FormProof.Whole or FormProof.Unproved) when form.HasSameRecordsAs(kept) =>
                (LeftoverFate.Remove, "a second file of its segment's records"),
            (FormProof.OutOfReach, _) =>
                (LeftoverFate.Mention, "a file of an archived segment; it stays until the archive is within reach"),
            (not FormProof.Whole, FormProof.Unproved) =>
                (LeftoverFate.Mention, "whole, and not proved to be its segment, which is not in the archive: "
                    + "LogRepair.PutSegmentBack takes it, once the segment is deleted"),
            (_, FormProof.Bad) => (LeftoverFate.SetAside, "a bad file beside the one that its segment is read from"),
            _ => (LeftoverFate.SetAside, "a file of other records than its segment's"),
        };
        _leftovers.Add(new Leftover(name, "S7", fate, why)
        {
            ArchivePlace = isInArchive ? segment.Place : null,
        });
    }

    private void CheckCompressed()
    {
        var known = _manifest.SealedSegments.Select(segment => segment.BaseOffset).ToHashSet();
        foreach (var baseOffset in _facts.Names.Compressed.Order())
            if (!known.Contains(baseOffset) && !IsDeleted(baseOffset))
                Add(SegmentName.Compressed(baseOffset), "S7", LeftoverFate.Mention, "of no segment of the MANIFEST's");
    }

    private void CheckIndexes(IReadOnlyList<SealedSegment> segments, long activeBase)
    {
        var states = segments.ToDictionary(segment => segment.BaseOffset, segment => segment.State);
        foreach (var baseOffset in _facts.Names.Indexes.Order())
        {
            var name = SegmentName.Index(baseOffset);
            if (baseOffset == activeBase || IsDeleted(baseOffset)) continue;
            if (states.TryGetValue(baseOffset, out var state))
            {
                var isPlain = !_facts.Forms.ContainsKey(baseOffset);
                if (state.IsArchived && isPlain) RemoveIndex(baseOffset);
            }
            else if (baseOffset < activeBase) Add(name, "S7", LeftoverFate.Mention, "an index of no segment");
            else if (_facts.UnbornIndexes.Contains(baseOffset))
                Add(name, "S9", LeftoverFate.Remove, "an index of a successor that was never made");
            else Add(name, "S9", LeftoverFate.SetAside, "an index without a segment behind the last one");
        }
    }

    // The index is in the archive too, and can be rebuilt from the log.
    private void RemoveIndex(long baseOffset)
    {
        var name = SegmentName.Index(baseOffset);
        if (_facts.Names.Indexes.Contains(baseOffset))
            Add(name, "S7", LeftoverFate.Remove, "an index of a segment that is in the archive");
    }
}
