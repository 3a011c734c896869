using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using Debug = System.Diagnostics.Debug;

namespace AkkaWal.Segment;

/// <summary>
/// Decides when the staged records are committed and synced, and gives work to the sync worker. At most one sync of the
/// log runs at a time, and none during the seal. Its lifetime is that of the segment's writer.
/// </summary>
/// <param name="context">The actor's.</param>
/// <param name="active">The requests that are staged or in flight.</param>
/// <param name="worker">The <see cref="SyncWorker"/>.</param>
internal sealed class CommitLoop(SegmentContext context, ActiveSegment active, IActorRef worker)
{
    private bool _isCommitScheduled, _isSyncDue, _isUpkeepDue, _isWatermarkSyncing, _isLatchNoted;

    /// <summary>Whether the worker is sealing the segment. There are no commits and no other syncs meanwhile.</summary>
    internal bool IsSealing { get; private set; }

    private SegmentMemory Memory => context.Memory;

    private FlushPolicy Flush => context.Settings.Options.Flush;

    /// <summary>Schedules upkeep, and a sync of what was written before a restart.</summary>
    internal void Start()
    {
        ScheduleUpkeep();
        ScheduleSync();
    }

    /// <summary>
    /// Schedules a commit behind all messages that are in the mailbox now, so that their appends join it.
    /// </summary>
    internal void ScheduleCommit()
    {
        if (_isCommitScheduled || active.IsCommitting) return;
        _isCommitScheduled = true;
        context.Self.Tell(CommitTick.Instance, context.Self);
    }

    /// <summary>Handles the message of a scheduled commit.</summary>
    /// <returns>Whether the commit was made; false if it waits for more appends.</returns>
    internal bool TryScheduledCommit()
    {
        _isCommitScheduled = false;
        if (active.IsCommitting || IsSealing) return false;
        if (active.HasStaged && active.ShouldWaitForMore)
        {
            // The commit goes behind the messages that have arrived by now. The threads that send more need the
            // processor first.
            ScheduleCommit();
            Thread.Yield();
            return false;
        }
        Commit(mayBlock: true);
        return true;
    }

    /// <summary>Commits the staged records. If that fails, their requests have been answered when it returns.</summary>
    /// <param name="mayBlock">Whether this thread may wait for the disk if no other request needs it meanwhile.</param>
    internal void Commit(bool mayBlock = false)
    {
        if (!active.HasStaged) return;
        Debug.Assert(!active.IsCommitting && !IsSealing, "a commit waits for the one before, and for the seal");
        if (!active.Commit())
        {
            NoteLatch();
            return;
        }
        if (Flush == FlushPolicy.Always)
        {
            Memory.Tail.Activity.NoteCommit();
            if (!mayBlock || !TrySyncHere()) BeginSync();
        }
        else
        {
            Memory.CrashCount = 0;
            SyncIfWanted();
            ScheduleSync();
        }
        ScheduleUpkeep();
    }

    /// <summary>A sync succeeded.</summary>
    internal void CompleteSync(Watermark covered)
    {
        // A watermark's sync failed meanwhile. The failure is latched, and the requests that waited for this sync are
        // answered.
        if (!active.IsSyncing) return;
        active.CompleteSync(covered);
        NoteLatch();
        Memory.CrashCount = 0;
        if (active.HasStaged) ScheduleCommit();
    }

    /// <summary>Begins a sync if a request waits for one and no append will cause it.</summary>
    internal void SyncIfWanted()
    {
        if (active is { WantsSync: true, IsSyncing: false } && !IsSealing) BeginSync();
    }

    /// <summary>Handles the timer of the `interval` policy.</summary>
    internal void SyncWhatIsUnsynced()
    {
        _isSyncDue = false;
        if (active is { IsSyncing: false, HasUnsynced: true } && !IsSealing) BeginSync();
        else ScheduleSync();
    }

    /// <summary>Frees memory that is not needed, and has the watermark synced if it has moved.</summary>
    internal void DoUpkeep()
    {
        _isUpkeepDue = false;
        if (IsSealing)
        {
            // The worker uses the writer.
            ScheduleUpkeep();
            return;
        }
        var isBufferLeft = active.Writer.Shrink();
        if (active.Writer is not { IsWatermarkUnsynced: true, Latched: null })
        {
            if (isBufferLeft) ScheduleUpkeep();
            return;
        }
        // One watermark sync at a time. On a slow disk more of them would queue up before the syncs that appends wait
        // for.
        if (!_isWatermarkSyncing)
        {
            _isWatermarkSyncing = true;
            worker.Tell(new RunWatermarkSync(active.Writer), context.Self);
        }
        ScheduleUpkeep();
    }

    /// <summary>The watermark was synced.</summary>
    internal void CompleteWatermarkSync() => _isWatermarkSyncing = false;

    /// <summary>Has the worker seal the segment, for the first time or once more after a failure.</summary>
    internal void Seal()
    {
        Debug.Assert(!active.HasStaged && !active.IsSyncing, "what is sealed is committed, and no sync is under way");
        IsSealing = true;
        worker.Tell(new RunSeal(active.Writer), context.Self);
    }

    /// <summary>The seal failed, and the segment stays active.</summary>
    internal void EndSeal() => IsSealing = false;

    /// <summary>Reports a latched failure to operators, once. Every later append is refused.</summary>
    internal void NoteLatch()
    {
        if (_isLatchNoted || active.Writer.Latched is not { } cause) return;
        _isLatchNoted = true;
        Memory.Tail.Latch.Set(cause);
        context.Log.Error("{0} takes no more appends until the log is opened anew: {1}", active.File, cause.Message);
    }

    private void BeginSync() => worker.Tell(new RunSync(active.Writer, active.BeginSync()), context.Self);

    // If a single writer waits for this sync, it runs on this thread, which saves two context switches. Its result is
    // sent as a message, like the worker's: a request that arrives meanwhile is ahead of it in the mailbox, and is
    // counted.
    private bool TrySyncHere()
    {
        if (!Memory.Tail.Activity.IsLong || !active.IsSingleWriters) return false;
        if (!context.SyncsInPlace.TryBegin()) return false;
        try
        {
            context.Self.Tell(SyncWorker.Sync(active.Writer, active.BeginSync(), context.Metrics), context.Self);
        }
        finally
        {
            context.SyncsInPlace.End();
        }
        return true;
    }

    // The timer runs only while there is something to sync. There may be many idle logs, and each tick wakes a thread.
    private void ScheduleSync()
    {
        if (_isSyncDue || Flush != FlushPolicy.Interval || !active.HasUnsynced) return;
        _isSyncDue = true;
        context.Timers.StartSingleTimer(nameof(SyncTick), new SyncTick(), context.Settings.FlushInterval);
    }

    private void ScheduleUpkeep()
    {
        if (_isUpkeepDue) return;
        _isUpkeepDue = true;
        context.Timers.StartSingleTimer(nameof(WatermarkTick), new WatermarkTick(), context.Settings.WatermarkInterval);
    }
}
