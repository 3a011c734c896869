using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Repair;

/// <summary>Rebuilds a MANIFEST.</summary>
internal static class ManifestRepair
{
    internal static RepairReport Rebuild(RepairBench bench)
    {
        var (judgement, segmentFiles) = (bench.Judgement, bench.SegmentFiles);
        var path = segmentFiles.PathOf(SegmentName.Manifest);
        if (judgement.Faults.All(fault => fault.Path != path)) return new RepairReport(null, null, null);
        if (judgement.Faults.FirstOrDefault(fault => fault.Path == path && fault.Row == "S11") is { } link)
            throw link.ToException();
        if (segmentFiles.LogId == Guid.Empty)
            throw new WalDamagedException(segmentFiles.Directory, 0, "a segment whose header is whole", "none");
        bench.KeepCopy(path);
        // Lists segments up to the first one without a mark. From there on a roll was interrupted, which the opening
        // finishes, or there is damage, which it reports.
        var unsure = judgement.Faults.Where(fault => fault.Row is "S4" or "S10" or "S11" && fault.Offset is not null)
            .Select(fault => fault.Offset!.Value).Concat(judgement.Unfinished).DefaultIfEmpty(long.MaxValue).Min();
        List<OffsetRange> gaps = [.. judgement.Missing.Select(missing => missing.Range)];
        segmentFiles.SaveManifest(bench.Manifest with
        {
            DeletedRanges = gaps,
            SealedSegments = [.. bench.Named().TakeWhile(segment => segment.NextOffset <= unsure)],
        });
        return new RepairReport(
            bench.Folder, gaps.Count > 0 ? gaps[0].First : null, gaps.Count > 0 ? gaps[^1].Next - 1 : null);
    }
}
