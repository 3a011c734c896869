using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog.Archive;
using AkkaWal.Storage.Maintenance;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Manager.Maintenance;

/// <summary>
/// Does slow work that is not urgent, one item at a time, so that neither the manager nor a commit waits for it. While
/// the log is open, only this actor writes the MANIFEST. Each item of work gets exactly one outcome.
/// </summary>
/// <param name="segmentFiles">The log's.</param>
/// <param name="ending">Ends compressions and archivings: the log is about to be closed.</param>
internal sealed class MaintenanceActor(SegmentFiles segmentFiles, CancellationToken ending) : UntypedActor
{
    protected override void PreRestart(Exception reason, object message)
    {
        if (message is MaintenanceWork work)
            Context.Parent.Tell(
                new WorkNotDone(work, FailureKind.OutcomeUnknown, $"the maintenance actor crashed: {reason.Message}"),
                Self);
    }

    protected override void OnReceive(object message)
    {
        if (message is not MaintenanceWork work)
        {
            Unhandled(message);
            return;
        }
        InternalMessage outcome;
        try
        {
            outcome = Carry(work);
        }
        catch (WalException e)
        {
            outcome = new WorkNotDone(work, KindOf(e), e.Message, e is WalDamagedException)
            {
                LacksDescriptors = e is WalIOException { Cause: WalIOCause.NoDescriptors },
            };
        }
        catch (OperationCanceledException)
        {
            outcome = new WorkNotDone(work, FailureKind.Unavailable, "the log is about to be closed");
        }
        Context.Parent.Tell(outcome, Self);
    }

    private WorkDone Carry(MaintenanceWork work)
    {
        segmentFiles.ThrowIfLost();
        switch (work)
        {
            case SaveManifest:
                ManifestSwitch.Run(segmentFiles, work.Before);
                return new WorkDone(work);
            case DeleteSegments deletion:
                var deleted = SegmentDeletion.Run(segmentFiles, work.Before, deletion.Segments);
                return new WorkDone(work) { BytesFreed = deleted.BytesFreed, LeftBehind = deleted.LeftBehind };
            case CompressOne compression:
                var compressed = SegmentCompression.Run(segmentFiles, work.Before, compression.Segment, ending);
                return new WorkDone(work) { Changed = compressed.Segment, LeftBehind = compressed.LeftBehind };
            case ArchiveOne archiving:
                var archived = SegmentArchiving.Run(segmentFiles, work.Before, archiving.Segment, ending);
                return new WorkDone(work)
                {
                    Changed = archived.Segment, ArchivedTo = archived.ArchivedTo, LeftBehind = archived.LeftBehind,
                };
            case CleanArchive:
                ArchiveMarks.RemoveUnlisted(segmentFiles, work.Before);
                return new WorkDone(work);
            default:
                throw new InvalidOperationException($"no such work: {work.GetType().Name}");
        }
    }

    // If the work fails before the MANIFEST is replaced, it did not happen. The replacement itself throws
    // WalOutcomeUnknownException if its outcome is unknown.
    private static FailureKind KindOf(WalException cause) =>
        cause is WalOutcomeUnknownException ? FailureKind.OutcomeUnknown : FailureKinds.Of(cause);
}
