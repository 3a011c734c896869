using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segment;

// Appends and what must keep its place among them: staged, committed together, answered.
internal sealed partial class SegmentActor
{
    /// <summary>Takes what concerns the tail, in order; false where it must wait for a commit or for the roll.</summary>
    private bool TryHandle(object message, IActorRef sender)
    {
        var active = _active!;
        var frameBytes = Requests.FrameBytesOf(message);
        if (frameBytes == 0) memory.Tail.Activity.NoteQuestion();
        else
        {
            if (active.Writer.Latched is null && !active.Writer.HasRoomFor(frameBytes))
            {
                StartRoll();
                return false;
            }
            if (!active.Writer.CommitHasRoomFor(frameBytes))
            {
                if (active.IsCommitting) return false;
                CommitNow();
            }
            if (active.Writer.Latched is { } failure)
            {
                RefuseOne(message, sender, $"read-only after a failure: {failure.Message}");
                return true;
            }
        }
        switch (message)
        {
            case Append or AppendBatch:
                active.Stage((LogRequest)message, sender);
                ScheduleCommit();
                break;
            case SyncLog sync:
                active.AnswerOnceDurable(sync, sender);
                SyncIfWanted();
                break;
            case SetSegmentLimit limit:
                memory.Tail.Limit.Bytes = active.Writer.MaxSegmentBytes = limit.MaxSegmentBytes;
                sender.Tell(new SegmentLimitSet(limit.MaxSegmentBytes, limit.RequestId), Self);
                break;
            case SealActiveSegment seal when active.Writer.IsEmpty:
                sender.Tell(new RequestFailed(FailureKind.Precondition, $"the active segment {active.File} is empty", seal.RequestId), Self);
                break;
            case SealActiveSegment seal when active.Writer.Latched is { } failure:
                sender.Tell(new RequestFailed(FailureKind.Unavailable, $"read-only after a failure: {failure.Message}", seal.RequestId), Self);
                break;
            case SealActiveSegment seal:
                _seal = (seal, sender);
                StartRoll();
                break;
            case DescribeTail or Read or Locate or ContinueBatch:
                active.AnswerBehindStaged(message, sender);
                break;
            default:
                Unhandled(message);
                break;
        }
        return true;
    }

    private void ScheduleCommit()
    {
        if (_isCommitScheduled || _active!.IsCommitting) return;
        _isCommitScheduled = true;
        // Behind everything that is in the mailbox by now: all of it joins the commit.
        Self.Tell(CommitStaged.Instance, Self);
    }

    private void CommitOrGather()
    {
        if (_active!.HasStaged && _active.ShouldGather)
        {
            // Behind whatever has come by now; those who are to come need the processor more than this.
            ScheduleCommit();
            Thread.Yield();
            return;
        }
        CommitNow(mayBlock: true);
        GoOn();
    }

    private void CommitNow(bool mayBlock = false)
    {
        if (!_active!.HasStaged) return;
        if (!_active.Commit())
        {
            NoteLatch();
            return;
        }
        if (settings.Options.Flush == FlushPolicy.Always)
        {
            memory.Tail.Activity.NoteCommit();
            if (mayBlock && memory.Tail.Activity.IsLong && _active.HasEverybody) SyncHere();
            else BeginSync();
        }
        else
        {
            memory.CrashCount = 0;
            SyncIfWanted();
            ScheduleSync();
        }
        ScheduleUpkeep();
    }

    // Once: who reads standard error has to learn why every append is refused from here on.
    private void NoteLatch()
    {
        if (_isLatchNoted || _active?.Writer.Latched is not { } cause) return;
        _isLatchNoted = true;
        memory.Tail.Latch.Set(cause.Message);
        _log.Error("{0} takes no more appends until the log is opened anew: {1}", _active.File, cause.Message);
    }

    private void BeginSync() => _worker.Tell(new SyncWorker.RunSync(_active!.Writer, _active.BeginSync()), Self);

    // Nobody is there to be served meanwhile, and two changes of threads are saved. Told like the worker's outcome: who came all the same
    // is ahead of it in the mailbox, and counts.
    private void SyncHere() => Self.Tell(SyncWorker.Sync(_active!.Writer, _active.BeginSync()), Self);

    private void CompleteSync(Watermark covered)
    {
        _active!.CompleteSync(covered);
        NoteLatch();
        memory.CrashCount = 0;
    }

    // Ticks come only while there is something to do: logs that do nothing may be many, and each tick wakes a thread.
    private void ScheduleSync()
    {
        if (_isSyncDue || settings.Options.Flush != FlushPolicy.Interval || _active is not { HasUnsynced: true })
            return;
        _isSyncDue = true;
        Timers.StartSingleTimer(nameof(SyncTick), new SyncTick(), settings.FlushInterval);
    }

    private void ScheduleUpkeep()
    {
        if (_isUpkeepDue) return;
        _isUpkeepDue = true;
        Timers.StartSingleTimer(nameof(WatermarkTick), new WatermarkTick(), settings.WatermarkInterval);
    }

    private void DoUpkeep(SegmentWriter writer)
    {
        var isBufferLeft = writer.Shrink();
        if (writer is not { IsWatermarkUnsynced: true, Latched: null })
        {
            if (isBufferLeft) ScheduleUpkeep();
            return;
        }
        if (!_isSealing) _worker.Tell(new SyncWorker.RunWatermarkSync(writer), Self);
        ScheduleUpkeep();
    }

    private void SyncIfWanted()
    {
        if (_active is { WantsSync: true, IsSyncing: false } && !_isSealing) BeginSync();
    }

    // What waited for a commit to end goes on: the roll, or else what was held back.
    private void GoOn()
    {
        if (_isRolling) SealOnceCommitted();
        while (!_isRolling && memory.Held.TryPeek(out var next))
        {
            // Appends alone may have to wait on. What is begun must not be among what waits: a roll that ends at once goes through that.
            var mayWait = Requests.IsAppend(next.Message);
            if (!mayWait) memory.InHand = memory.Held.Dequeue();
            if (!TryHandle(next.Message, next.Sender)) break;
            if (mayWait) memory.Held.Dequeue();
            memory.InHand = null;
        }
        SyncIfWanted();
    }
}
