using System.Diagnostics;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segment;

/// <summary>
/// Starts or restarts a segment's actor: by a recovery, with what the actor left before the restart, or by refusing.
/// Opening that failed may be tried again without a restart.
/// </summary>
internal sealed class SegmentOpening(SegmentContext context, SegmentFiles segmentFiles)
{
    private readonly RetryWatch _retry = new(context.Settings.Options.Clock);
    private bool _hasAskedForDescriptors;

    /// <summary>The result of a start.</summary>
    internal abstract record Outcome;

    /// <summary>The segment takes appends, or its writer is latched and serves reads.</summary>
    internal sealed record Serving(SegmentWriter Writer) : Outcome;

    /// <summary>The segment is sealed on disk.</summary>
    internal sealed record Ended(SealedSegment Segment) : Outcome;

    /// <summary>It can't be opened.</summary>
    /// <param name="Kind">What askers may conclude.</param>
    /// <param name="Reason">The reason, for operators.</param>
    /// <param name="IsReadable">
    /// Whether the manager's reader of damaged logs can read the records that are whole.
    /// </param>
    internal sealed record Refused(FailureKind Kind, string Reason, bool IsReadable = false) : Outcome
    {
        /// <summary>
        /// Whether another try may succeed, for instance after files were restored or space was freed.
        /// </summary>
        internal bool MayPass => IsReadable || Kind == FailureKind.Aborted;
    }

    /// <summary>Whether it is time for another try.</summary>
    internal bool IsRetryDue => _retry.IsDue;

    private SegmentMemory Memory => context.Memory;

    /// <summary>Called at the actor's start. Recovers only if nothing that survived a restart forbids it.</summary>
    internal Outcome Begin()
    {
        if (Memory.Sealed is { } segment)
        {
            Memory.CloseWriter();
            return new Ended(segment);
        }
        if (Memory.Refusal is var (kind, why)) return new Refused(kind, why);
        if (Memory.Writer is { } before && before.EndedLatched()) return new Serving(before);
        // Only the earlier writer knew up to which offset reads are safe. It is gone, since the manager has restarted.
        if (Memory.Tail.Latch.Cause is { } cause)
            return new Refused(FailureKinds.OfLatch(cause), ActiveSegment.ReadOnlyBecause(cause.Message));
        if (Memory.CrashCount > context.Settings.MaxRestarts)
            return new Refused(FailureKind.Unavailable, $"its actor crashed {Memory.CrashCount} times in a row");
        return TryAgain();
    }

    /// <summary>Recovers, and measures the time for <see cref="IsRetryDue"/>.</summary>
    internal Outcome TryAgain() => _retry.Try(Recover);

    private Outcome Recover()
    {
        Memory.CloseWriter();
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            var resumed = SegmentRecovery.Resume(
                segmentFiles, Memory.BaseOffset, message => context.Log.Warning("{0}", message), Memory.RemoveSurvey());
            context.Metrics.RecoveredSegment(startedAt);
            if (resumed.Sealed is { } segment)
            {
                Memory.Sealed = segment;
                return new Ended(segment);
            }
            Memory.Writer = resumed.Writer!;
        }
        catch (WalFaultException e)
        {
            return new Refused(FailureKind.Unavailable, FaultText.Of(e), IsReadable: true);
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            if (e.Cause == WalIOCause.NoDescriptors && !_hasAskedForDescriptors)
                context.TellManager(new FreeDescriptors());
            _hasAskedForDescriptors = true;
            return new Refused(FailureKinds.Of(e), e.Message);
        }
        catch (WalException e)
        {
            var kind = FailureKinds.Of(e);
            Memory.Refusal = (kind, e.Message);
            return new Refused(kind, e.Message);
        }
        _hasAskedForDescriptors = false;
        Memory.Writer.MaxSegmentBytes = Memory.Tail.Limit.Bytes;
        return new Serving(Memory.Writer);
    }
}
