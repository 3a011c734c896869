using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// Moves a log to the directory of an epoch that was claimed. Sealed segments get a second name there. The records of
/// the active segment are copied up to the end that is recovered, and the copy is sealed. So no name and no file that a
/// former owner can still change is part of the log. It happens when the MANIFEST gets its name there.
/// </summary>
/// <param name="root">The log's own directory.</param>
/// <param name="held">The same, locked, and lost to whoever claims the next epoch.</param>
/// <param name="epoch">The epoch that was claimed.</param>
/// <param name="note">Takes lines for people.</param>
internal sealed class Takeover(SegmentFiles root, OwnedDirectory held, long epoch, Action<string> note)
{
    /// <summary>Takes the log over.</summary>
    /// <returns>The log in the epoch's directory. Disposing its directory releases the lock.</returns>
    /// <exception cref="WalFaultException">The log can't be opened.</exception>
    /// <exception cref="WalIOException">The platform failed, or another owner claimed a later epoch.</exception>
    internal SegmentFiles Run()
    {
        // Read after the claim: the former owner acknowledges nothing that it writes after it could see the claim.
        var places = EpochPlaces.Of(root)!;
        var current = places.FindCurrent();
        using var former = FormerLog.Of(root, places, current);
        former.ThrowIfRefused();
        var check = former.Check;
        var files = check.SegmentFiles;
        if (check.IsNew) files = files with { LogId = Guid.NewGuid() };
        var manifest = check.IsNew
            ? new Manifest(files.LogId, 0, false, [], [])
            : check.Manifest!;
        // First of all: no older program may take the log for its own.
        if (current == 0 && !manifest.IsShared)
            (root with { LogId = files.LogId }).SaveManifest(manifest with { IsShared = true });
        var own = files with { Directory = places.At(epoch).Directory };
        root.Disk.CreateDirectory(own.Directory);
        own = own with { Disk = held.Enter(own.Directory) };
        try
        {
            var segments = Build(former, own);
            own.SaveManifest(manifest with
            {
                StartOffset = segments.Count > 0 ? segments[0].BaseOffset : check.ActiveBase,
                HasSegments = true,
                SealedSegments = segments,
                IsShared = true,
                Epoch = epoch,
                Owner = root.Options.Owner,
            });
            held.ThrowIfLost();
            if (!check.IsNew) note($"{root.Directory} is taken over from {DescribeOwner(manifest)}: epoch {epoch}");
            // Closes its active segment's file first: some file systems don't remove a file that is open.
            former.Dispose();
            new FormerEpochs(root, own, note).Remove(epoch);
            return own with { LogId = Guid.Empty };
        }
        catch
        {
            // The caller releases the lock.
            ((OwnedDirectory)own.Disk).CloseAlone();
            throw;
        }
    }

    private static string DescribeOwner(Manifest former) =>
        former.Owner.Length > 0 ? $"owner {former.Owner}" : "an opening without an owner";

    private List<SealedSegment> Build(FormerLog former, SegmentFiles own)
    {
        var (check, source) = (former.Check, former.Files);
        // As an opening does: a person may want them back, and the former directory goes.
        var leftovers = check.Leftovers
            .Where(leftover => leftover is { IsOfLog: true, ArchivePlace: null, Fate: not LeftoverFate.Remove })
            .Select(leftover => (leftover.Name, leftover.Why));
        FormerFiles.Keep(source, former.Epoch, [.. leftovers], note);
        List<SealedSegment> segments = [];
        foreach (var segment in check.Sealed)
        {
            if (check.Unfinished.Contains(segment.BaseOffset))
            {
                // Its former owner may be about to write its mark.
                segments.Add(CopySealed(source, own, segment.BaseOffset, null)!.Value);
                continue;
            }
            segments.Add(segment);
            if (segment.IsArchived) continue;
            LinkOrCopy(source, own, segment.FileName);
            // An index may be lost; it is rebuilt from its log.
            var index = SegmentName.Index(segment.BaseOffset);
            if (source.Disk.Stat(source.PathOf(index)) is not null) LinkOrCopy(source, own, index);
        }
        var activeBase = check.ActiveBase;
        if (check.Tail is { } tail)
        {
            if (tail.Case == RecoveryCase.TornTail) KeepTornTail(source, tail, activeBase);
            if (CopySealed(source, own, activeBase, tail) is { } last)
            {
                segments.Add(last);
                activeBase = last.NextOffset;
            }
        }
        NewSegment.Create(own, activeBase);
        CarryArchiveFiles(check, own);
        own.Disk.SyncDirectory(own.Directory);
        root.Disk.SyncDirectory(root.PathOf(SegmentName.Epochs));
        return segments;
    }

    private void KeepTornTail(SegmentFiles source, TailSurvey tail, long baseOffset)
    {
        using var log = source.Disk.Open(source.LogPath(baseOffset), FileAccessMode.Read);
        new SetAside(source, note).KeepTail(log, tail.End.EndPosition, tail.TailBytes);
    }

    /// <summary>
    /// Copies the whole batches of a segment that is not sealed, or all of one that was stopped cleanly, and seals the
    /// copy.
    /// </summary>
    /// <returns>The segment; null where it has no records.</returns>
    private static SealedSegment? CopySealed(
        SegmentFiles source, SegmentFiles own, long baseOffset, TailSurvey? survey)
    {
        var (log, header) = source.OpenLog(baseOffset, FileAccessMode.Read);
        using (log)
        {
            survey ??= TailSurvey.Of(source, log, header, trustCleanMark: false);
            var end = survey.End;
            if (end.NextOffset == baseOffset) return null;
            var path = own.LogPath(baseOffset);
            using (var copy = own.Disk.Open(path, FileAccessMode.CreateOrTruncate))
            {
                log.CopyTo(copy, 0, end.EndPosition);
                // What was read twice can differ: the cache may have dropped what a failed sync left clean. A segment
                // that was stopped cleanly was not scanned. Where a record of it has rotted since, it is copied as it
                // is: that record is reported when it is read, and the others are served.
                var wasScanned = survey.Case != RecoveryCase.CleanStop;
                if (!IsWhole(copy, header, end) && (wasScanned || !log.HasSameBytesAs(copy, 0, end.EndPosition)))
                {
                    const string reason = "its bytes changed while they were copied";
                    throw new WalIOException("read", log.Path, false, reason);
                }
                copy.Sync();
            }
            var sealedAt = source.Options.Clock.GetUtcNow().ToUnixTimeMilliseconds();
            var segment = new SealedSegment(
                baseOffset, end.NextOffset, end.EndPosition - SegmentHeader.SizeBytes, SegmentState.Sealed, 0,
                sealedAt);
            var index = SegmentIndexFile.EncodeSealed(own.EmptyIndexSlot(header), segment, survey.Positions);
            own.Disk.WriteWhole(own.IndexPath(baseOffset), index);
            own.MakeReadOnly(path);
            own.MakeReadOnly(own.IndexPath(baseOffset));
            return segment;
        }
    }

    private static bool IsWhole(IWalFile copy, SegmentHeader header, Watermark end)
    {
        if (copy.LengthBytes != end.EndPosition) return false;
        var start = new Watermark(header.BaseOffset, SegmentHeader.SizeBytes);
        using var scanner = new FrameScanner(copy, Frame.SaltState(header.Salt), start, end.EndPosition);
        while (scanner.MoveNext())
        {
        }
        return scanner.Position == end.EndPosition;
    }

    // A sealed segment never changes, so that both names may stand for one file.
    private void LinkOrCopy(SegmentFiles source, SegmentFiles own, string name)
    {
        var (from, to) = (source.PathOf(name), own.PathOf(name));
        try
        {
            root.Disk.Link(from, to);
        }
        catch (WalIOException e) when (e.Cause is WalIOCause.NotSupported or WalIOCause.NotPermitted)
        {
            root.Disk.Copy(from, to);
            own.MakeReadOnly(to);
        }
    }

    // The marks of what the archive may hold, and who the log is towards it.
    private static void CarryArchiveFiles(LogCheckResult check, SegmentFiles own)
    {
        var source = check.SegmentFiles;
        foreach (var (baseOffset, place) in check.Marks)
        {
            var mark = own.PathOf(SegmentName.Archiving(baseOffset, place));
            own.Disk.Open(mark, FileAccessMode.CreateOrTruncate).Dispose();
        }
        if (IdentityFile.TryRead(source) is not { } identity) return;
        if (!IdentityFile.IsInCopy(source)) identity = identity with { Directory = IdentityFile.DirectoryOf(own) };
        own.Disk.WriteWhole(own.PathOf(SegmentName.Identity), identity.Encode());
    }
}
