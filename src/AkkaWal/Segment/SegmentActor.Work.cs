using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Segment;

// What the worker reports, and the roll that it carries out.
internal sealed partial class SegmentActor
{
    private bool TryWorkOutcome(object message)
    {
        switch (message)
        {
            case SyncWorker.SyncDone done when done.Writer == _active?.Writer:
                CompleteSync(done.Covered);
                if (_active.HasStaged) ScheduleCommit();
                GoOn();
                return true;
            case SyncWorker.SealDone done when done.Writer == _active?.Writer:
                _active.AnswerDurable();
                manager.Tell(new SegmentIsSealed(done.Sealed), Self);
                memory.Sealed = done.Sealed;
                return true;
            case SyncWorker.WorkFailed failed when failed.Writer == _active?.Writer:
                if (!TryFreeDescriptors(failed)) FailWork(failed);
                return true;
            case DescriptorsFreed:
                TryAgain();
                return true;
            // From the life before a restart.
            case SyncWorker.SyncDone or SyncWorker.SealDone or SyncWorker.WorkFailed:
                return true;
            default:
                return false;
        }
    }

    private void StartRoll()
    {
        _isRolling = true;
        Become(Rolling);
        SealOnceCommitted();
    }

    private void SealOnceCommitted()
    {
        if (_isSealing || _active!.IsSyncing) return;
        CommitNow();
        if (_active.IsSyncing) return;
        // The commit may have failed, and may have been all that the segment held.
        if (_active.Writer.IsEmpty || _active.Writer.Latched is not null)
        {
            EndRoll(FailureKind.Unavailable, "the segment could not be committed before its roll");
            return;
        }
        _isSealing = true;
        _worker.Tell(new SyncWorker.RunSeal(_active.Writer), Self);
    }

    private void HandOverTo(IActorRef successor)
    {
        var segment = memory.Sealed!.Value;
        _seal?.Asker.Tell(new SegmentSealed(segment.Info.File, SegmentName.Log(segment.NextOffset), _seal.Value.Request.RequestId), Self);
        _seal = null;
        Timers.CancelAll();
        if (!_worker.IsNobody()) Context.Stop(Context.Unwatch(_worker));
        _worker = ActorRefs.Nobody;
        // Behind the reads that it was asked for; they need the writer's file.
        if (!_tailReader.IsNobody()) _tailReader.Tell(new Leave(), Self);
        Release();
        Become(Sealed);
        while (memory.Held.TryDequeue(out var next))
        {
            memory.InHand = next;
            if (next.Message is DrainReads) manager.Tell(new ReadsDrained(), Self);
            else if (RecordQueries.IsQuery(next.Message) && RecordQueries.OffsetOf(next.Message) < segment.NextOffset) AnswerSealed(next.Message, next.Sender);
            else successor.Tell(next.Message, next.Sender);
            memory.InHand = null;
        }
        // Not before: a crash in between asks for the successor again, and goes on with what is left.
        memory.IsHandedOver = true;
        manager.Tell(new Drained(memory.BaseOffset), Self);
    }

    // A roll that met too many open files is tried once more, when segments that are open for reading were let go.
    private bool TryFreeDescriptors(SyncWorker.WorkFailed failed)
    {
        if (!failed.WasSeal || _isSecondTry || failed.Cause is not WalLackException { Cause: WalIOCause.NoDescriptors }) return false;
        _isSecondTry = true;
        manager.Tell(new FreeDescriptors(), Self);
        return true;
    }

    private void TryAgain()
    {
        if (_active is not null && _isSealing) _worker.Tell(new SyncWorker.RunSeal(_active.Writer), Self);
        else if (_active is null && memory.Sealed is null && _refusal.Kind == FailureKind.Aborted) _retry.Try(Recover);
    }

    private void FailWork(SyncWorker.WorkFailed failed)
    {
        // What passes may be met again and again until it does.
        if (failed.Cause.Message != _lastFailure) _log.Error("{0}: {1}", _active!.File, failed.Cause.Message);
        _lastFailure = failed.Cause.Message;
        var isAborted = failed.WasSeal && failed.Cause is WalLackException;
        if (!isAborted && _active!.AtRisk is { } range) _log.Error("{0}: acknowledged offsets {1} to {2} may be lost at a power cut", _active.File, range.First, range.Next - 1);
        if (failed.WasSeal)
        {
            (_isSealing, _isSecondTry) = (false, false);
            // It may have got as far as the sync that some wait for.
            _active!.AnswerDurable();
            if (!isAborted) _active.FailSync(failed.Cause);
            FailSeal(isAborted ? FailureKind.Aborted : FailureKind.OutcomeUnknown, failed.Cause.Message);
            NoteLatch();
            EndRoll(isAborted ? FailureKind.Aborted : FailureKind.Unavailable, failed.Cause.Message);
            return;
        }
        _active!.FailSync(failed.Cause);
        NoteLatch();
        if (_isRolling && !_isSealing) EndRoll(FailureKind.Unavailable, failed.Cause.Message);
        else GoOn();
    }

    /// <summary>No roll after all: appends that were held back for it did not happen, and everything else goes on here.</summary>
    private void EndRoll(FailureKind kind, string reason)
    {
        _isRolling = false;
        Become(Active);
        FailSeal(kind, reason);
        for (var left = memory.Held.Count; left > 0; left--)
        {
            var next = memory.Held.Dequeue();
            if (Requests.IsAppend(next.Message)) Fail(next.Message, next.Sender, kind, reason);
            else memory.Held.Enqueue(next);
        }
        GoOn();
    }
}
