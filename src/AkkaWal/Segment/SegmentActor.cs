using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;
using Debug = System.Diagnostics.Debug;

namespace AkkaWal.Segment;

/// <summary>
/// The actor of one segment. The active segment takes the appends: all appends that are in the mailbox at the time of a
/// commit share one write and one sync.
/// <code>
///              recovered                 full, or told to seal            successor is B
///   (start) --------------> Active ------------------------------> Rolling --------------> Sealed
///      |                      ^  no room on the disk: held appends    |
///      |  no room, damaged,   +---------- are answered so ------------+
///      |  too many crashes
///      +------------------> Refusing   (answers every request; tries again where the cause may pass)
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
/// A restart runs a recovery. Before it, every request that waits gets its reply. SegmentIsSealed and SuccessorIs may
/// be sent twice.
/// </summary>
internal sealed class SegmentActor : UntypedActor, IWithTimers
{
    private readonly SegmentContext _context;
    private readonly SegmentMemory _memory;
    private readonly SegmentOpening _opening;
    private readonly SealedRecords _records;
    private SegmentTail? _tail;
    private SegmentOpening.Refused? _refusal;
    private IActorRef _worker = ActorRefs.Nobody, _tailReader = ActorRefs.Nobody;
    private bool _isRolling, _hasCrashed;

    /// <param name="memory">What survives the actor's restarts.</param>
    /// <param name="segmentFiles">Where its files are.</param>
    /// <param name="settings">The log's.</param>
    /// <param name="manager">The log's manager. It is the actor's parent, except in specs.</param>
    public SegmentActor(SegmentMemory memory, SegmentFiles segmentFiles, WalSettings settings, IActorRef manager)
    {
        _memory = memory;
        _context = new SegmentContext(
            memory, settings, manager, Self, this, Context.GetLogger(), SyncsInPlace.Of(Context.System));
        _opening = new SegmentOpening(_context, segmentFiles);
        _records = new SealedRecords(_context, segmentFiles);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message) => Unhandled(message);

    private void Active(object message)
    {
        Debug.Assert(_tail is not null && _memory.Sealed is null, "an active segment has a writer and is not sealed");
        if (TryOwn(message, out var other) || TryReadVisible(other)) return;
        _tail!.Handle(other, Sender);
        FollowRoll();
    }

    private void Rolling(object message)
    {
        Debug.Assert(_tail is not null || _memory.Sealed is not null, "without a writer it is sealed on disk");
        if (message is SuccessorIs next) HandOverTo(next.Successor);
        else if (!TryOwn(message, out var other) && !TryReadVisible(other)) _memory.Held.Enqueue((other, Sender));
    }

    private void Sealed(object message)
    {
        Debug.Assert(_tail is null && _memory.Held.Count == 0, "what was held is with the successor");
        switch (message)
        {
            case SuccessorIs:
                _context.TellManager(new Drained(_memory.BaseOffset));
                break;
            case DrainReads:
                _context.TellManager(new ReadsDrained());
                break;
            case Leave:
                _memory.IsLeaving = true;
                StopIfRead();
                break;
            default:
                if (!TryOwn(message, out var other)) _records.Answer(other, Sender);
                break;
        }
    }

    private void Refusing(object message)
    {
        Debug.Assert(_memory.Held.Count == 0, "only an active segment holds requests");
        if (TryOwn(message, out var other)) return;
        if (_refusal!.MayPass && other is IOwedMessage && _opening.IsRetryDue) Begin(_opening.TryAgain());
        if (_tail is not null) Active(message);
        else if (_memory.Sealed is not null) Rolling(message);
        else AnswerUnopened(other, Sender);
    }

    // Handles the messages of the actor itself and of its children, in every state. Results of work that began before a
    // restart are ignored.
    private bool TryOwn(object message, [NotNullWhen(false)] out ILogMessage? other)
    {
        other = null;
        switch (message)
        {
            case WorkOutcome outcome:
                _tail?.OnOutcome(outcome);
                break;
            case TickMessage tick:
                _tail?.OnTick(tick);
                break;
            case DescriptorsFreed when _tail is not null:
                _tail.OnDescriptorsFreed();
                break;
            case DescriptorsFreed:
                if (_memory.Sealed is null && _refusal is { Kind: FailureKind.Aborted }) Begin(_opening.TryAgain());
                break;
            case Terminated stopped:
                OnChildStopped(stopped.ActorRef);
                break;
            case ILogMessage:
                other = (ILogMessage)message;
                return false;
            default:
                Unhandled(message);
                break;
        }
        FollowRoll();
        return true;
    }

    // A read of a visible record need not wait. A batch may go on behind the visible records, so it keeps its place in
    // the queue.
    private bool TryReadVisible(ILogMessage message)
    {
        if (message is not IRecordQuery query || query is ContinueBatch) return false;
        _memory.Tail.Activity.NoteQuestion();
        if (_tail is not null) return _tail.TryReadVisible(query, Sender);
        if (!_records.IsHeld(query)) return false;
        _records.Answer(query, Sender);
        return true;
    }

    // Any message can begin or end a roll, so the actor's state is set after each one.
    private void FollowRoll()
    {
        if (_tail is null || _tail.IsRolling == _isRolling) return;
        _isRolling = _tail.IsRolling;
        Become(_isRolling ? Rolling : Active);
    }

    private void Begin(SegmentOpening.Outcome outcome)
    {
        switch (outcome)
        {
            case SegmentOpening.Serving serving:
                Serve(serving.Writer);
                break;
            case SegmentOpening.Ended ended:
                AwaitSuccessor(ended.Segment);
                break;
            case SegmentOpening.Refused refused:
                Refuse(refused);
                break;
        }
    }

    private void Serve(SegmentWriter writer)
    {
        _worker = Context.Watch(Context.ActorOf(WalProps.Of<SyncWorker>("sync", _context.Metrics)));
        _memory.Tail.ActiveBytes = writer.SizeBytes;
        var flush = _context.Settings.Options.Flush;
        var active = new ActiveSegment(writer, flush, _context.Manager, Self, StartTailReader, _memory.Tail);
        _tail = new SegmentTail(_context, active, _worker);
        Become(Active);
        _tail.Start();
        FollowRoll();
    }

    // The segment is sealed on disk. If the actor crashed before the hand-over, the roll goes on from here.
    private void AwaitSuccessor(SealedSegment segment)
    {
        Become(_memory.IsHandedOver ? Sealed : Rolling);
        StopIfRead();
        if (!_memory.IsHandedOver) _context.TellManager(new SegmentIsSealed(segment));
    }

    private void HandOverTo(IActorRef successor)
    {
        var segment = _memory.Sealed!.Value;
        _tail?.AnswerSealed(segment);
        Timers.CancelAll();
        if (!_worker.IsNobody()) Context.Stop(Context.Unwatch(_worker));
        _worker = ActorRefs.Nobody;
        // The tail reader stops when it has answered its reads. It needs the writer's file until then.
        if (_tailReader.IsNobody()) _memory.CloseWriter();
        else _tailReader.Tell(new Leave(), Self);
        _tail = null;
        Become(Sealed);
        while (_memory.Held.TryDequeue(out var next))
        {
            _memory.InHand = next;
            if (next.Message is DrainReads) _context.TellManager(new ReadsDrained());
            else if (SealedRecords.IsBefore(next.Message, segment.NextOffset))
                _records.Answer(next.Message, next.Sender);
            else successor.Tell(next.Message, next.Sender);
            _memory.InHand = null;
        }
        // Set last: after a crash in the loop above, the next start asks for the successor again and forwards the rest.
        _memory.IsHandedOver = true;
        _context.TellManager(new Drained(_memory.BaseOffset));
    }

    private void Refuse(SegmentOpening.Refused refused)
    {
        if (_refusal?.Reason != refused.Reason)
            _context.Log.Error("{0} takes no appends: {1}", SegmentName.Log(_memory.BaseOffset), refused.Reason);
        _refusal = refused;
        Become(Refusing);
        while (_memory.Held.TryDequeue(out var next)) AnswerUnopened(next.Message, next.Sender);
    }

    private void AnswerUnopened(ILogMessage message, IActorRef sender)
    {
        // The manager has another reader for the records that are still readable.
        if (_refusal!.IsReadable && message is IOwedMessage question and (IRecordQuery or DescribeTail))
        {
            var asker = question.AskerOr(sender);
            _context.TellManager(new ReadUnopened(question, asker, question.RequestId, _refusal.Reason));
        }
        else _context.Refuse(message, sender, _refusal.Kind, _refusal.Reason);
    }

    private IActorRef StartTailReader()
    {
        if (_tailReader.IsNobody())
            _tailReader = Context.Watch(Context.ActorOf(WalProps.Of<TailReader>("read", _context.Metrics)));
        return _tailReader;
    }

    // Called for a child that stopped by itself, and for the tail reader when it has answered its reads.
    private void OnChildStopped(IActorRef child)
    {
        // The result of the worker's work is lost, and a request may wait for it. A restart with a recovery answers it.
        if (child.Equals(_worker)) throw new DeathPactException(child);
        if (!child.Equals(_tailReader)) return;
        _tailReader = ActorRefs.Nobody;
        if (_tail is not null) return;
        _memory.CloseWriter();
        StopIfRead();
    }

    // The tail reader answers its reads before this actor stops.
    private void StopIfRead()
    {
        if (_memory.IsLeaving && _tailReader.IsNobody()) Context.Stop(Self);
    }

    // When a worker crashes, its result is lost, and a request may wait for it. So this actor restarts and recovers.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Escalate);

    protected override void PreStart()
    {
        try
        {
            Begin(_opening.Begin());
        }
        catch (Exception e)
        {
            // Akka.NET calls neither PreRestart nor PostStop for an actor whose start failed.
            _memory.CrashCount++;
            AnswerCrash(e);
            LeaveWriter();
            throw;
        }
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception e)
        {
            // PreRestart is not enough: the supervisor may stop the actor instead of restarting it.
            if (message is ILogMessage told) RefuseUnlessWaiting(told, Sender, CrashReason(e));
            AnswerCrash(e);
            throw;
        }
    }

    protected override void PreRestart(Exception reason, object message)
    {
        _memory.CrashCount++;
        foreach (var child in Context.GetChildren()) Context.Stop(Context.Unwatch(child));
        try
        {
            AnswerCrash(reason);
        }
        finally
        {
            LeaveWriter();
        }
    }

    protected override void PostStop()
    {
        const string Why = "the segment is being closed";
        try
        {
            while (_memory.Held.TryDequeue(out var next))
                _context.Refuse(next.Message, next.Sender, FailureKind.Unavailable, Why);
            _tail?.Close(Why, mayWrite: !_hasCrashed);
        }
        finally
        {
            // Also after an exception, every request gets its reply and the files are closed.
            _tail?.Abandon(Why);
            _records.Close();
            _memory.CloseWriter();
        }
    }

    // Held requests were not begun. They are kept for the restarted actor.
    private void AnswerCrash(Exception reason)
    {
        if (_memory.InHand is { } held) RefuseUnlessWaiting(held.Message, held.Sender, CrashReason(reason));
        _memory.InHand = null;
        _hasCrashed = true;
        _tail?.Abandon(CrashReason(reason));
    }

    // The writer stays open for the restarted actor, since a sync on another thread may still run and fail.
    private void LeaveWriter()
    {
        (_tail, _worker, _tailReader) = (null, ActorRefs.Nobody, ActorRefs.Nobody);
        _records.Close();
    }

    private void RefuseUnlessWaiting(ILogMessage message, IActorRef sender, string reason)
    {
        if (_tail?.IsWaiting(message) != true) _context.Refuse(message, sender, FailureKind.Unavailable, reason);
    }

    private static string CrashReason(Exception reason) => $"the segment's actor crashed: {reason.Message}";
}
