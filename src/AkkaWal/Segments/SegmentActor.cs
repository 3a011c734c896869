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
///      |  no room, damaged,   +---------- are answered so ------------+
///      |  too many crashes
///      +------------------> Refusing   (answers every append, so that no sender waits for ever; tries again where there was no room)
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
internal sealed partial class SegmentActor(SegmentCell cell, SegmentStore store, WalSettings settings, IActorRef manager) : UntypedActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ActiveSegment? _active;
    private SegmentReader? _reader;
    private (SealActiveSegment Request, IActorRef Asker)? _seal;
    private IActorRef _worker = ActorRefs.Nobody, _tailReader = ActorRefs.Nobody;
    private string _lastFailure = "";
    private bool _isCommitScheduled, _isRolling, _isSealing, _isLatchNoted, _isSyncDue, _isUpkeepDue, _isSecondTry;

    /// <summary>Told to itself: commit what has been staged by now.</summary>
    private sealed record CommitStaged : IInternalMessage
    {
        internal static readonly CommitStaged Instance = new();
    }

    /// <summary>Sync what the policy `interval` left unsynced.</summary>
    internal sealed record SyncTick : IInternalMessage;

    /// <summary>Sync the watermark if it moved.</summary>
    internal sealed record WatermarkTick : IInternalMessage;

    public ITimerScheduler Timers { get; set; } = null!;

    // A worker that crashed has lost an outcome that somebody waits for: its parent recovers with it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Escalate);

    protected override void PreStart() => Start();

    protected override void PreRestart(Exception reason, object message)
    {
        cell.CrashCount++;
        var why = $"the segment's actor crashed: {reason.Message}";
        foreach (var child in Context.GetChildren()) Context.Stop(Context.Unwatch(child));
        try
        {
            // What is held was never begun: it waits for the recovery.
            if (cell.InHand is { } held) RefuseUnlessWaiting(held.Message, held.Sender, why);
            cell.InHand = null;
            RefuseUnlessWaiting(message, Sender, why);
            FailSeal(FailureKind.OutcomeUnknown, why);
            _active?.Abandon(why);
        }
        finally
        {
            // The writer is left to the next life: a sync on another thread may be about to fail.
            (_active, _worker, _tailReader) = (null, ActorRefs.Nobody, ActorRefs.Nobody);
            Release();
        }
    }

    protected override void PostStop()
    {
        const string Why = "the segment is being closed";
        try
        {
            RefuseHeld(Why);
            // What the roll did is found at the next opening.
            if (!_isSealing) _active?.Close();
            NoteLatch();
        }
        finally
        {
            // Whatever was thrown: who has no answer yet gets one, and the files are closed.
            _active?.Abandon(Why);
            Release();
            LetGoOfWriter();
        }
    }

    protected override void OnReceive(object message) => Unhandled(message);

    private void Active(object message)
    {
        if (TryWorkOutcome(message) || TryTick(message) || TryVisibleRead(message) || TryChildStopped(message)) return;
        if (cell.Held.Count > 0 || !TryHandle(message, Sender)) cell.Held.Enqueue((message, Sender));
    }

    private void Rolling(object message)
    {
        if (message is SuccessorIs next) HandOver(next.Successor);
        else if (!TryWorkOutcome(message) && !TryTick(message) && !TryVisibleRead(message) && !TryChildStopped(message)) cell.Held.Enqueue((message, Sender));
    }

    private void Sealed(object message)
    {
        switch (message)
        {
            case SuccessorIs:
                manager.Tell(new Drained(cell.BaseOffset), Self);
                break;
            case DrainReads:
                manager.Tell(new ReadsDrained(), Self);
                break;
            case Leave:
                cell.IsLeaving = true;
                StopIfRead();
                break;
            default:
                if (!TryTick(message) && !TryWorkOutcome(message) && !TryChildStopped(message)) AnswerSealed(message, Sender);
                break;
        }
    }

    // A child that this actor did not stop, or the reader when it has read all.
    private bool TryChildStopped(object message)
    {
        if (message is not Terminated { ActorRef: { } child }) return false;
        if (child.Equals(_worker))
        {
            // The outcome of what it did is lost, and somebody may wait for it: a recovery finds out, as when it crashes.
            throw new DeathPactException(child);
        }
        if (!child.Equals(_tailReader)) return true;
        _tailReader = ActorRefs.Nobody;
        if (_active is not null) return true;
        LetGoOfWriter();
        StopIfRead();
        return true;
    }

    // What the reader was asked for comes first.
    private void StopIfRead()
    {
        if (cell.IsLeaving && _tailReader.IsNobody()) Context.Stop(Self);
    }

    private IActorRef StartTailReader()
    {
        if (_tailReader.IsNobody()) _tailReader = Context.Watch(Context.ActorOf(WalProps.Of<TailReader>(Context.System, "read")));
        return _tailReader;
    }

    // Reads of what everybody may see wait for no commit. A batch may go on behind it, so it keeps its place.
    private bool TryVisibleRead(object message)
    {
        if (message is not (Read or Locate)) return false;
        cell.Quiet.NoteQuestion();
        if (_active is null && cell.Sealed!.Value.Range.Contains(RecordQueries.OffsetOf(message)))
        {
            AnswerSealed(message, Sender);
            return true;
        }
        if (_active is null || RecordQueries.OffsetOf(message) >= _active.VisibleNextOffset) return false;
        _active.Read(message, Sender);
        return true;
    }

    private bool TryTick(object message)
    {
        switch (message)
        {
            case CommitStaged:
                _isCommitScheduled = false;
                if (_active is { IsCommitting: false } && !_isSealing) CommitOrGather();
                return true;
            case SyncTick:
                _isSyncDue = false;
                if (_active is { IsSyncing: false, HasUnsynced: true } && !_isSealing) BeginSync();
                else ScheduleSync();
                return true;
            case WatermarkTick:
                _isUpkeepDue = false;
                if (_active is not null) DoUpkeep(_active.Writer);
                return true;
            default:
                return false;
        }
    }

    private void AnswerSealed(object message, IActorRef sender, bool isSecondTry = false)
    {
        if (message is SecondTry again)
        {
            AnswerSealed(again.Query, again.Asker, isSecondTry: true);
            return;
        }
        var segment = cell.Sealed!.Value;
        if (!RecordQueries.IsQuery(message) || !segment.Range.Contains(RecordQueries.OffsetOf(message)))
        {
            RefuseOne(message, sender, $"{segment.Info.File} is sealed");
            return;
        }
        try
        {
            _reader ??= SegmentReader.Open(store, segment, cell.IndexBudget);
        }
        catch (WalException e)
        {
            // It may have been deleted or have changed its state since this actor was started: the manager knows.
            var (asker, id) = Requests.AskerOf(message, sender);
            manager.Tell(new SegmentNotOpened(message, asker, id, segment, e) { IsSecondTry = isSecondTry }, Self);
            return;
        }
        RecordQueries.Answer(message, sender, _reader.Records, segment.BaseOffset, segment.NextOffset, manager, Self);
    }

    private void RefuseHeld(string reason)
    {
        while (cell.Held.TryDequeue(out var next)) RefuseOne(next.Message, next.Sender, reason);
        FailSeal(FailureKind.OutcomeUnknown, reason);
    }

    private void FailSeal(FailureKind kind, string reason)
    {
        _seal?.Asker.Tell(new RequestFailed(kind, reason, _seal.Value.Request.RequestId), Self);
        _seal = null;
    }

    private void RefuseUnlessWaiting(object message, IActorRef sender, string reason)
    {
        if (!ReferenceEquals(message, _seal?.Request) && _active?.IsWaiting(message) != true) RefuseOne(message, sender, reason);
    }

    private void RefuseOne(object message, IActorRef sender, string reason) => Fail(message, sender, FailureKind.Unavailable, reason);

    private void Fail(object message, IActorRef sender, FailureKind kind, string reason)
    {
        Requests.Refuse(message, sender, kind, reason, Self);
        if (Requests.PendingBytesOf(message) is > 0 and var bytes) manager.Tell(new Credit(bytes), Self);
    }

    private void Release()
    {
        if (_active is not null && _tailReader.IsNobody()) LetGoOfWriter();
        _reader?.Dispose();
        (_active, _reader) = (null, null);
    }
}
