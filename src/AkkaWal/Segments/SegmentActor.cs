using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Segments;

/// <summary>
/// One segment. The last one takes the appends; everything in the mailbox by the time of a commit shares one write and one sync.
/// <code>
///              recovered                 full, or told to seal            successor is B
///   (start) --------------> Active ------------------------------> Rolling --------------> Sealed
///      |                      ^  no room on the disk: held appends    |
///      |  damaged, or too     +---------- are answered so ------------+
///      |  many crashes
///      +------------------> Refusing   (answers every append, so that no sender waits for ever)
///
///   the roll        active segment A            LogManager                 successor B
///                   commits what it has
///                   seals itself on disk
///                   SegmentIsSealed ----------> spawns B --------------->  recovers its empty file
///                                               holds new appends back
///                   &lt;------------ SuccessorIs B   (the last message to A that concerns the tail)
///                   forwards what it holds, senders kept ------------->    takes it first
///                   Drained ------------------> releases what it held -->  takes it next
/// </code>
/// A restart is a recovery: whoever waits is answered before it, and both ends of the roll may be told twice.
/// </summary>
internal sealed class SegmentActor(SegmentCell cell, SegmentStore store, WalSettings settings, IActorRef manager) : UntypedActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<(object Message, IActorRef Sender)> _held = [];
    private ActiveSegment? _active;
    private SegmentReader? _reader;
    private (SealActiveSegment Request, IActorRef Asker)? _seal;
    private IActorRef _worker = ActorRefs.Nobody;
    private string _refusal = "";
    private bool _isCommitScheduled, _isRolling, _isSealing;

    /// <summary>Told to itself: commit what has been staged by now.</summary>
    private sealed record CommitStaged
    {
        internal static readonly CommitStaged Instance = new();
    }

    /// <summary>Sync what the policy `interval` left unsynced.</summary>
    internal sealed record SyncTick;

    /// <summary>Sync the watermark if it moved.</summary>
    internal sealed record WatermarkTick;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (cell.Sealed is not null)
        {
            Become(Sealed);
            return;
        }
        if (cell.CrashCount > settings.MaxRestarts)
        {
            Refuse($"its actor crashed {cell.CrashCount} times in a row");
            return;
        }
        try
        {
            Recover();
        }
        catch (WalException e)
        {
            Refuse(e.Message);
        }
    }

    protected override void PreRestart(Exception reason, object message)
    {
        cell.CrashCount++;
        var why = $"the segment's actor crashed: {reason.Message}";
        foreach (var child in Context.GetChildren()) Context.Stop(child);
        RefuseOne(message, Sender, why);
        RefuseHeld(FailureKind.Unavailable, why);
        _active?.Abandon(why);
        Release();
    }

    protected override void PostStop()
    {
        RefuseHeld(FailureKind.Unavailable, "the log is being closed");
        if (_active is not null && !_isSealing) _active.Close();
        Release();
    }

    protected override void OnReceive(object message) => Unhandled(message);

    private void Active(object message)
    {
        if (TryWorkOutcome(message) || TryTick(message) || TryVisibleRead(message)) return;
        if (_held.Count > 0 || !TryHandle(message, Sender)) _held.Enqueue((message, Sender));
    }

    private void Rolling(object message)
    {
        if (message is SuccessorIs next) HandOver(next.Successor);
        else if (!TryWorkOutcome(message) && !TryTick(message) && !TryVisibleRead(message)) _held.Enqueue((message, Sender));
    }

    private void Sealed(object message)
    {
        if (message is SuccessorIs) manager.Tell(new Drained(cell.BaseOffset), Self);
        else if (!TryTick(message) && !TryWorkOutcome(message)) AnswerSealed(message, Sender);
    }

    private void Refusing(object message) => RefuseOne(message, Sender, _refusal);

    private void Recover()
    {
        var resumed = SegmentRecovery.Resume(store, cell.BaseOffset);
        if (resumed.Sealed is { } segment)
        {
            // A crash came between the seal on disk and the hand-over: take the roll up again from there.
            manager.Tell(new SegmentIsSealed(segment, cell.MaxSegmentBytes), Self);
            cell.Sealed = segment;
            Become(Sealed);
            return;
        }
        if (resumed.Report!.KeptAs is not null) _log.Warning("{0}", resumed.Report);
        var writer = resumed.Writer!;
        writer.MaxSegmentBytes = cell.MaxSegmentBytes;
        _active = new ActiveSegment(writer, settings.Options.Flush, manager, Self);
        _worker = Context.ActorOf(Props.Create<SyncWorker>().WithDispatcher(Context.Props.Dispatcher));
        Timers.StartPeriodicTimer(nameof(WatermarkTick), new WatermarkTick(), settings.WatermarkInterval);
        if (settings.Options.Flush == FlushPolicy.Interval) Timers.StartPeriodicTimer(nameof(SyncTick), new SyncTick(), settings.FlushInterval);
        Become(Active);
    }

    // Reads of what everybody may see wait for nothing. A batch may go on behind it, so it keeps its place.
    private bool TryVisibleRead(object message)
    {
        if (message is not (Read or Locate) || RecordQueries.OffsetOf(message) >= _active!.VisibleNextOffset) return false;
        RecordQueries.Answer(message, Sender, _active.Writer.Records, _active.File, _active.VisibleNextOffset, null, Self);
        return true;
    }

    private bool TryTick(object message)
    {
        switch (message)
        {
            case CommitStaged:
                _isCommitScheduled = false;
                if (_active is { IsCommitting: false } && !_isSealing)
                {
                    CommitNow();
                    GoOn();
                }
                return true;
            case SyncTick:
                if (_active is { IsSyncing: false, HasUnsynced: true } && !_isSealing) BeginSync();
                return true;
            case WatermarkTick:
                if (_active is { Writer: { IsWatermarkUnsynced: true, Latched: null } } && !_isSealing) _worker.Tell(new SyncWorker.RunWatermarkSync(_active.Writer), Self);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes what concerns the tail, in order; false where it must wait for a commit or for the roll.</summary>
    private bool TryHandle(object message, IActorRef sender)
    {
        var active = _active!;
        var frameBytes = Requests.PendingBytesOf(message);
        if (frameBytes > 0)
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
            case Append append:
                active.Stage(append, sender);
                ScheduleCommit();
                break;
            case AppendBatch batch:
                active.Stage(batch, sender);
                ScheduleCommit();
                break;
            case SyncLog sync:
                active.AnswerOnceDurable(sync, sender);
                SyncIfWanted();
                break;
            case SetSegmentLimit limit:
                cell.MaxSegmentBytes = active.Writer.MaxSegmentBytes = limit.MaxSegmentBytes;
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

    private bool TryWorkOutcome(object message)
    {
        switch (message)
        {
            case SyncWorker.SyncDone done when done.Writer == _active?.Writer:
                _active.CompleteSync(done.Covered);
                cell.CrashCount = 0;
                if (_active.HasStaged) ScheduleCommit();
                GoOn();
                return true;
            case SyncWorker.SealDone done when done.Writer == _active?.Writer:
                _active.AnswerDurable();
                manager.Tell(new SegmentIsSealed(done.Sealed, cell.MaxSegmentBytes), Self);
                cell.Sealed = done.Sealed;
                return true;
            case SyncWorker.WorkFailed failed when failed.Writer == _active?.Writer:
                FailWork(failed);
                return true;
            // From the life before a restart.
            case SyncWorker.SyncDone or SyncWorker.SealDone or SyncWorker.WorkFailed:
                return true;
            default:
                return false;
        }
    }

    private void ScheduleCommit()
    {
        if (_isCommitScheduled || _active!.IsCommitting) return;
        _isCommitScheduled = true;
        // Behind everything that is in the mailbox by now: all of it joins the commit.
        Self.Tell(CommitStaged.Instance, Self);
    }

    private void CommitNow()
    {
        if (!_active!.HasStaged || !_active.Commit()) return;
        if (settings.Options.Flush == FlushPolicy.Always) BeginSync();
        else
        {
            cell.CrashCount = 0;
            SyncIfWanted();
        }
    }

    private void BeginSync() => _worker.Tell(new SyncWorker.RunSync(_active!.Writer, _active.BeginSync()), Self);

    private void SyncIfWanted()
    {
        if (_active is { WantsSync: true, IsSyncing: false } && !_isSealing) BeginSync();
    }

    // What waited for a commit to end goes on: the roll, or else what was held back.
    private void GoOn()
    {
        if (_isRolling) SealOnceCommitted();
        while (!_isRolling && _held.TryPeek(out var next) && TryHandle(next.Message, next.Sender)) _held.Dequeue();
        SyncIfWanted();
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

    private void HandOver(IActorRef successor)
    {
        var segment = cell.Sealed!.Value;
        _seal?.Asker.Tell(new SegmentSealed(segment.Info.File, SegmentName.Log(segment.NextOffset), _seal.Value.Request.RequestId), Self);
        _seal = null;
        Timers.CancelAll();
        Context.Stop(_worker);
        Release();
        Become(Sealed);
        while (_held.TryDequeue(out var next))
        {
            if (RecordQueries.IsQuery(next.Message) && RecordQueries.OffsetOf(next.Message) < segment.NextOffset) AnswerSealed(next.Message, next.Sender);
            else successor.Tell(next.Message, next.Sender);
        }
        manager.Tell(new Drained(cell.BaseOffset), Self);
    }

    private void FailWork(SyncWorker.WorkFailed failed)
    {
        _log.Error(failed.Cause, "{0}: {1}", _active!.File, failed.Cause.Message);
        if (failed.WasSeal)
        {
            _isSealing = false;
            var isAborted = failed.Cause is WalOutOfSpaceException;
            _seal?.Asker.Tell(new RequestFailed(isAborted ? FailureKind.Aborted : FailureKind.OutcomeUnknown, failed.Cause.Message, _seal.Value.Request.RequestId), Self);
            _seal = null;
            EndRoll(isAborted ? FailureKind.Aborted : FailureKind.Unavailable, failed.Cause.Message);
            return;
        }
        if (_active.AtRisk is { } range) _log.Error("{0}: acknowledged offsets {1} to {2} may be lost at a power cut", _active.File, range.First, range.Next - 1);
        _active.FailSync(failed.Cause);
        if (_isRolling && !_isSealing) EndRoll(FailureKind.Unavailable, failed.Cause.Message);
        else GoOn();
    }

    /// <summary>No roll after all: appends that were held back for it did not happen, and everything else goes on here.</summary>
    private void EndRoll(FailureKind kind, string reason)
    {
        _isRolling = false;
        Become(Active);
        _seal?.Asker.Tell(new RequestFailed(kind, reason, _seal.Value.Request.RequestId), Self);
        _seal = null;
        for (var left = _held.Count; left > 0; left--)
        {
            var next = _held.Dequeue();
            if (Requests.PendingBytesOf(next.Message) > 0) Fail(next.Message, next.Sender, kind, reason);
            else _held.Enqueue(next);
        }
        GoOn();
    }

    private void AnswerSealed(object message, IActorRef sender)
    {
        var segment = cell.Sealed!.Value;
        if (!RecordQueries.IsQuery(message) || !segment.Range.Contains(RecordQueries.OffsetOf(message)))
        {
            RefuseOne(message, sender, $"{segment.Info.File} is sealed");
            return;
        }
        try
        {
            _reader ??= SegmentReader.Open(store, segment);
            RecordQueries.Answer(message, sender, _reader.Records, segment.Info.File, segment.NextOffset, manager, Self);
        }
        catch (WalException e)
        {
            RecordQueries.Refuse(message, sender, e, Self);
        }
    }

    private void Refuse(string reason)
    {
        _log.Error("{0} takes no appends: {1}", SegmentName.Log(cell.BaseOffset), reason);
        _refusal = reason;
        Become(Refusing);
    }

    private void RefuseHeld(FailureKind kind, string reason)
    {
        while (_held.TryDequeue(out var next)) Fail(next.Message, next.Sender, kind, reason);
        _seal?.Asker.Tell(new RequestFailed(FailureKind.OutcomeUnknown, reason, _seal.Value.Request.RequestId), Self);
        _seal = null;
    }

    private void RefuseOne(object message, IActorRef sender, string reason) => Fail(message, sender, FailureKind.Unavailable, reason);

    private void Fail(object message, IActorRef sender, FailureKind kind, string reason)
    {
        var (asker, id) = Requests.AskerOf(message, sender);
        if (asker.IsNobody()) return;
        asker.Tell(new RequestFailed(kind, reason, id), Self);
        if (Requests.PendingBytesOf(message) is > 0 and var bytes) manager.Tell(new Credit(bytes), Self);
    }

    private void Release()
    {
        _active?.Writer.Dispose();
        _reader?.Dispose();
        (_active, _reader) = (null, null);
    }
}
