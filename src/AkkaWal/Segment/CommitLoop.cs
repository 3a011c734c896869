using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;
using Debug = System.Diagnostics.Debug;

namespace AkkaWal.Segment;

/// <summary>
/// When what is staged is committed and synced, and what the worker is told: at most one sync of the log at a time, and
/// none beside the seal. It begins with the segment's writer and ends with it.
/// </summary>
/// <param name="context">The actor's.</param>
/// <param name="active">What is staged and in flight.</param>
/// <param name="worker">The <see cref="SyncWorker"/>.</param>
internal sealed class CommitLoop(SegmentContext context, ActiveSegment active, IActorRef worker)
{
    private bool _isCommitScheduled, _isSyncDue, _isUpkeepDue, _isWatermarkSyncing, _isLatchNoted;

    /// <summary>Whether the worker seals the segment: nothing is committed or synced besides.</summary>
    internal bool IsSealing { get; private set; }

    private SegmentMemory Memory => context.Memory;

    private FlushPolicy Flush => context.Settings.Options.Flush;

    /// <summary>The life before may have left something to sync.</summary>
    internal void Start()
    {
        ScheduleUpkeep();
        ScheduleSync();
    }

    /// <summary>
    /// Has a commit come behind everything that is in the mailbox by now: all of it joins the commit.
    /// </summary>
    internal void ScheduleCommit()
    {
        if (_isCommitScheduled || active.IsCommitting) return;
        _isCommitScheduled = true;
        context.Self.Tell(CommitTick.Instance, context.Self);
    }

    /// <summary>The scheduled commit's turn.</summary>
    /// <returns>Whether it was made; false where it waits for more.</returns>
    internal bool TryScheduledCommit()
    {
        _isCommitScheduled = false;
        if (active.IsCommitting || IsSealing) return false;
        if (active.HasStaged && active.ShouldWaitForMore)
        {
            // Behind whatever has come by now; those who are to come need the processor more than this.
            ScheduleCommit();
            Thread.Yield();
            return false;
        }
        Commit(mayBlock: true);
        return true;
    }

    /// <summary>Commits what is staged; a failure has been answered when it returns.</summary>
    /// <param name="mayBlock">Whether this thread may wait for the disk where nobody needs it meanwhile.</param>
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
        // The sync of a watermark failed meanwhile: that was latched, and who waited for this sync has been answered.
        if (!active.IsSyncing) return;
        active.CompleteSync(covered);
        NoteLatch();
        Memory.CrashCount = 0;
        if (active.HasStaged) ScheduleCommit();
    }

    /// <summary>Begins a sync where somebody waits for one that no append will bring about.</summary>
    internal void SyncIfWanted()
    {
        if (active is { WantsSync: true, IsSyncing: false } && !IsSealing) BeginSync();
    }

    /// <summary>The interval policy's turn to sync.</summary>
    internal void SyncWhatIsUnsynced()
    {
        _isSyncDue = false;
        if (active is { IsSyncing: false, HasUnsynced: true } && !IsSealing) BeginSync();
        else ScheduleSync();
    }

    /// <summary>Gives back memory that is not needed, and has a watermark that moved synced.</summary>
    internal void DoUpkeep()
    {
        _isUpkeepDue = false;
        var isBufferLeft = active.Writer.Shrink();
        if (active.Writer is not { IsWatermarkUnsynced: true, Latched: null })
        {
            if (isBufferLeft) ScheduleUpkeep();
            return;
        }
        // One at a time: behind a slow disk they would pile up before the syncs that somebody waits for.
        if (!IsSealing && !_isWatermarkSyncing)
        {
            _isWatermarkSyncing = true;
            worker.Tell(new RunWatermarkSync(active.Writer), context.Self);
        }
        ScheduleUpkeep();
    }

    /// <summary>The watermark was synced.</summary>
    internal void CompleteWatermarkSync() => _isWatermarkSyncing = false;

    /// <summary>Has the worker seal the segment; also again, where it is to be tried once more.</summary>
    internal void Seal()
    {
        Debug.Assert(!active.HasStaged && !active.IsSyncing, "what is sealed is committed, and no sync is under way");
        IsSealing = true;
        worker.Tell(new RunSeal(active.Writer), context.Self);
    }

    /// <summary>The seal failed, and the segment goes on.</summary>
    internal void EndSeal() => IsSealing = false;

    /// <summary>Tells people of a latched failure, once: every append is refused from here on.</summary>
    internal void NoteLatch()
    {
        if (_isLatchNoted || active.Writer.Latched is not { } cause) return;
        _isLatchNoted = true;
        Memory.Tail.Latch.Set(cause);
        context.Log.Error("{0} takes no more appends until the log is opened anew: {1}", active.File, cause.Message);
    }

    private void BeginSync() => worker.Tell(new RunSync(active.Writer, active.BeginSync()), context.Self);

    // The log's only writer waits for this sync, so it runs on this thread: that saves two context switches. Its
    // outcome is a message, like the worker's: a request that came meanwhile is ahead of it in the mailbox, and is
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

    // Ticks come only while there is something to do: logs that do nothing may be many, and each tick wakes a thread.
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
