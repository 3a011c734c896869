using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segment.Commit;

/// <summary>
/// Runs the blocking disk work of one segment (syncs and the roll) on a thread of its own, so that the segment's actor
/// keeps receiving. It does not throw: each outcome is a message. It is a child, and so stops before its parent
/// restarts: a recovery never runs beside an earlier sync.
/// </summary>
/// <param name="metrics">The log's.</param>
internal sealed class SyncWorker(LogMetrics metrics) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RunSync sync:
                Report(Sync(sync.Writer, sync.Covered, metrics));
                break;
            case RunSeal seal:
                Report(Try(seal.Writer, true, () =>
                {
                    var segment = seal.Writer.SealAndCreateSuccessor();
                    metrics.Rolled();
                    return new SealDone(seal.Writer, segment);
                }));
                break;
            case RunWatermarkSync watermark:
                Report(Try(watermark.Writer, false, () =>
                {
                    watermark.Writer.SyncWatermark();
                    return new WatermarkSynced(watermark.Writer);
                }));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private static void Report(WorkOutcome outcome) => Context.Parent.Tell(outcome, Context.Self);

    /// <summary>Syncs the log on the calling thread.</summary>
    /// <returns>The reply to <see cref="RunSync"/>.</returns>
    internal static WorkOutcome Sync(SegmentWriter writer, Watermark covered, LogMetrics metrics) =>
        Try(writer, false, () =>
        {
            var startedAt = Stopwatch.GetTimestamp();
            writer.RunSync();
            metrics.Synced(startedAt);
            return new SyncDone(writer, covered);
        });

    private static WorkOutcome Try(SegmentWriter writer, bool wasSeal, Func<WorkOutcome> work)
    {
        try
        {
            return work();
        }
        catch (WalException e)
        {
            return new WorkFailed(writer, wasSeal, e);
        }
    }
}
