using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Repair;

/// <summary>Rebuilds a MANIFEST.</summary>
internal static class ManifestRepair
{
    internal static RepairReport Rebuild(RepairSession session)
    {
        var (check, segmentFiles) = (session.Check, session.SegmentFiles);
        var path = segmentFiles.PathOf(SegmentName.Manifest);
        if (check.Faults.All(fault => fault.Path != path)) return new RepairReport(null, null, null);
        if (check.Faults.FirstOrDefault(fault => fault.Path == path && fault.Row == "S11") is { } link)
            throw link.ToException();
        if (segmentFiles.LogId == Guid.Empty)
            throw new WalDamagedException(segmentFiles.Directory, 0, "a segment whose header is whole", "none");
        session.KeepCopy(path);
        // Lists segments up to the first one without a mark. From there on a roll was interrupted, which the opening
        // finishes, or there is damage, which it reports.
        var unsure = check.Faults.Where(fault => fault.Row is "S4" or "S10" or "S11" && fault.Offset is not null)
            .Select(fault => fault.Offset!.Value).Concat(check.Unfinished).DefaultIfEmpty(long.MaxValue).Min();
        List<OffsetRange> gaps = [.. check.Missing.Select(missing => missing.Range)];
        session.SaveManifest(session.Manifest with
        {
            DeletedRanges = gaps,
            SealedSegments = [.. session.Named().TakeWhile(segment => segment.NextOffset <= unsure)],
        });
        return new RepairReport(
            session.Folder, gaps.Count > 0 ? gaps[0].First : null, gaps.Count > 0 ? gaps[^1].Next - 1 : null);
    }
}
