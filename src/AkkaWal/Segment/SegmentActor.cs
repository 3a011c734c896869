using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;
using Debug = System.Diagnostics.Debug;

namespace AkkaWal.Segment;

/// <summary>
/// One segment. The last one takes the appends; everything in the mailbox by the time of a commit shares one write and
/// one sync.
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
/// A restart is a recovery: whoever waits is answered before it, and both ends of the roll may be told twice.
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

    /// <param name="memory">What outlives its restarts.</param>
    /// <param name="segmentFiles">Where its files are.</param>
    /// <param name="settings">The log's.</param>
    /// <param name="manager">Its parent, but in specs.</param>
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
        _tail!.Take(other, Sender);
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
        if (TryOwn(message, out var other)) return;
        if (_refusal!.MayPass && other is IOwedMessage && _opening.IsRetryDue) Begin(_opening.TryAgain());
        if (_tail is not null) Active(message);
        else if (_memory.Sealed is not null) Rolling(message);
        else AnswerUnopened(other, Sender);
    }

    // What the actor, its worker and its reader tell it, in every state. What a life before began is passed over.
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

    // A read of what everybody may see waits for nothing. A batch may go on behind that, so it keeps its place.
    private bool TryReadVisible(ILogMessage message)
    {
        if (message is not IRecordQuery query || query is ContinueBatch) return false;
        _memory.Tail.Activity.NoteQuestion();
        if (_tail is not null) return _tail.TryReadVisible(query, Sender);
        if (!_records.IsHeld(query)) return false;
        _records.Answer(query, Sender);
        return true;
    }

    // The roll begins and ends within the tail, whatever was told to it.
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

    // A crash between the seal on disk and the hand-over takes the roll up again from there.
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
        // Behind the reads that it was asked for; they need the writer's file.
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
        // Not before: a crash in between asks for the successor again, and goes on with what is left.
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
        // What can be read all the same, others know.
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

    // A child that this actor did not stop, or the reader when it has read all.
    private void OnChildStopped(IActorRef child)
    {
        // The outcome of what it did is lost, and somebody may wait for it: a recovery finds out, as when it crashes.
        if (child.Equals(_worker)) throw new DeathPactException(child);
        if (!child.Equals(_tailReader)) return;
        _tailReader = ActorRefs.Nobody;
        if (_tail is not null) return;
        _memory.CloseWriter();
        StopIfRead();
    }

    // What the reader was asked for comes first.
    private void StopIfRead()
    {
        if (_memory.IsLeaving && _tailReader.IsNobody()) Context.Stop(Self);
    }

    // A worker that crashed has lost an outcome that somebody waits for: its parent recovers with it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Escalate);

    protected override void PreStart()
    {
        try
        {
            Begin(_opening.Begin());
        }
        catch (Exception e)
        {
            // Neither PreRestart nor PostStop is called for one that could not be started.
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
            // Here and not before a restart: it may be stopped instead.
            if (message is ILogMessage told) RefuseUnlessWaiting(told, Sender, ToldOf(e));
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
            // Whatever was thrown: who has no answer yet gets one, and the files are closed.
            _tail?.Abandon(Why);
            _records.Close();
            _memory.CloseWriter();
        }
    }

    // What is held was never begun: it waits for the next life.
    private void AnswerCrash(Exception reason)
    {
        if (_memory.InHand is { } held) RefuseUnlessWaiting(held.Message, held.Sender, ToldOf(reason));
        _memory.InHand = null;
        _hasCrashed = true;
        _tail?.Abandon(ToldOf(reason));
    }

    // To the next life: a sync on another thread may be about to fail.
    private void LeaveWriter()
    {
        (_tail, _worker, _tailReader) = (null, ActorRefs.Nobody, ActorRefs.Nobody);
        _records.Close();
    }

    private void RefuseUnlessWaiting(ILogMessage message, IActorRef sender, string reason)
    {
        if (_tail?.IsWaiting(message) != true) _context.Refuse(message, sender, FailureKind.Unavailable, reason);
    }

    private static string ToldOf(Exception reason) => $"the segment's actor crashed: {reason.Message}";
}
