using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// Writes what a check found must be written before a log is used. After each step another opening would check the
/// directory in the same way, so that a failed opening can be tried again.
/// </summary>
internal static class CatalogOpening
{
    /// <summary>Carries out a check.</summary>
    /// <param name="check">A check that refuses nothing.</param>
    /// <param name="note">Takes lines for operators.</param>
    /// <returns>The log with its id, and its sealed segments.</returns>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentFiles SegmentFiles, List<SealedSegment> Sealed) CarryOut(
        LogCheckResult check, Action<string> note)
    {
        var segmentFiles = check.IsNew ? StartNewLog(check.SegmentFiles) : check.SegmentFiles;
        var areDeletedGone = CleanUp(segmentFiles, check.Leftovers, note);
        if (check.HasDeletionNote && areDeletedGone && DeletionNote.Clear(segmentFiles) is { } failure)
            note(failure.Message);
        List<SealedSegment> segments = [.. check.Sealed];
        if (check.MakesActive) NewSegment.Create(segmentFiles, check.ActiveBase);
        foreach (var baseOffset in check.Unfinished)
        {
            var index = segments.FindIndex(segment => segment.BaseOffset == baseOffset);
            segments[index] = SegmentRecovery.FinishSeal(segmentFiles, segments[index]);
        }
        return (segmentFiles, segments);
    }

    private static SegmentFiles StartNewLog(SegmentFiles segmentFiles)
    {
        segmentFiles = segmentFiles with { LogId = Guid.NewGuid() };
        segmentFiles.SaveManifest(new Manifest(segmentFiles.LogId, 0, false, [], []));
        return segmentFiles;
    }

    // A file that can't be removed only takes space. The next opening tries again.
    private static bool CleanUp(SegmentFiles segmentFiles, IReadOnlyList<Leftover> leftovers, Action<string> note)
    {
        List<(string Name, string Why)> kept = [];
        var areDeletedGone = true;
        foreach (var leftover in leftovers)
        {
            var path = leftover.PathIn(segmentFiles);
            if (leftover.Fate == LeftoverFate.SetAside) kept.Add((leftover.Name, leftover.Why));
            else if (leftover.Fate == LeftoverFate.Mention) note($"left alone, {leftover.Why}: {path}");
            else if (segmentFiles.Disk.TryDelete(path) is { } failure)
            {
                note(failure.Message);
                // Only files of deleted segments keep the deletion note. Kept for another file's sake it could later
                // name segments that exist.
                areDeletedGone &= leftover.Row != LeftoverCheck.DeletedRow;
            }
        }
        new SetAside(segmentFiles, note).Move(kept);
        return areDeletedGone;
    }
}
