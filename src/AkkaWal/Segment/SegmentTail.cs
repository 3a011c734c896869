using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;
using Debug = System.Diagnostics.Debug;

namespace AkkaWal.Segment;

/// <summary>
/// The segment that takes the appends: takes requests in their order, holds back what must wait for a commit or for the
/// roll, and seals the segment when it is full. What it holds back outlives a restart of the actor, and was not begun.
/// </summary>
/// <param name="context">The actor's.</param>
/// <param name="active">What is staged and in flight.</param>
/// <param name="worker">The <see cref="SyncWorker"/>.</param>
internal sealed class SegmentTail(SegmentContext context, ActiveSegment active, IActorRef worker)
{
    private readonly CommitLoop _commits = new(context, active, worker);
    private readonly SegmentRoll _roll = new(context);
    private readonly RecordWaits _waits = new(context);
    private string _lastFailure = "";

    /// <summary>Whether a roll is under way: whatever comes is held back, but for reads of what may be seen.</summary>
    internal bool IsRolling => _roll.IsUnderWay;

    private SegmentWriter Writer => active.Writer;

    private Queue<(ILogMessage Message, IActorRef Sender)> Held => context.Memory.Held;

    /// <summary>Goes on with what the life before held back.</summary>
    internal void Start()
    {
        _commits.Start();
        GoOn();
    }

    /// <summary>Takes what concerns the tail, or holds it back behind what is held already.</summary>
    internal void Take(ILogMessage message, IActorRef sender)
    {
        if (IsRolling || Held.Count > 0 || !TryBegin(message, sender)) Held.Enqueue((message, sender));
        AnswerWaits();
    }

    /// <summary>Answers a read of what everybody may see: it waits for no commit.</summary>
    internal bool TryReadVisible(IRecordQuery query, IActorRef sender)
    {
        if (query.Offset >= active.VisibleNextOffset) return false;
        active.Read(query, sender);
        return true;
    }

    /// <summary>What the actor told itself for later.</summary>
    internal void OnTick(TickMessage tick)
    {
        switch (tick)
        {
            case CommitTick:
                if (_commits.TryScheduledCommit()) GoOn();
                break;
            case SyncTick:
                _commits.SyncWhatIsUnsynced();
                break;
            case WatermarkTick:
                _commits.DoUpkeep();
                break;
            case WaitTick:
                _waits.EndOverdue(active.VisibleNextOffset);
                break;
        }
        AnswerWaits();
    }

    /// <summary>What the worker did. What a worker of the life before did is passed over.</summary>
    internal void OnOutcome(WorkOutcome outcome)
    {
        if (outcome.Writer != Writer) return;
        switch (outcome)
        {
            case SyncDone done:
                _commits.CompleteSync(done.Covered);
                GoOn();
                break;
            case WatermarkSynced:
                _commits.CompleteWatermarkSync();
                break;
            case SealDone done:
                active.AnswerDurable();
                context.TellManager(new SegmentIsSealed(done.Sealed));
                context.Memory.Sealed = done.Sealed;
                break;
            case WorkFailed failed when failed.WasSeal && _roll.TryAskForDescriptors(failed.Cause):
                break;
            case WorkFailed failed:
                FailWork(failed);
                break;
        }
        AnswerWaits();
    }

    /// <summary>What could be closed elsewhere is closed: a seal that lacked descriptors is tried again.</summary>
    internal void OnDescriptorsFreed()
    {
        if (_commits.IsSealing) _commits.Seal();
    }

    /// <summary>Whether a request waits here, and is answered by <see cref="Abandon"/> at the latest.</summary>
    internal bool IsWaiting(ILogMessage message) =>
        _roll.IsAskedBy(message) || active.IsWaiting(message) || _waits.IsWaiting(message);

    /// <summary>The segment is sealed and has a successor: nothing is to be told to this any more.</summary>
    internal void AnswerSealed(SealedSegment segment)
    {
        _roll.AnswerSealed(segment);
        _waits.EndAll(segment.NextOffset);
    }

    /// <summary>A clean stop: what is staged or in flight is made durable and answered so.</summary>
    /// <param name="why">What is told to whoever is held back.</param>
    /// <param name="mayWrite">Whether this life's writer is in a state that it knows.</param>
    internal void Close(string why, bool mayWrite)
    {
        _roll.Fail(FailureKind.OutcomeUnknown, why);
        // What the roll, or a commit that crashed, did is found at the next opening.
        if (mayWrite && !_commits.IsSealing) active.Close();
        _commits.NoteLatch();
        _waits.RefuseAll(why);
    }

    /// <summary>Nothing more comes of what this life has begun: whoever waits for it is answered.</summary>
    internal void Abandon(string why)
    {
        _roll.Fail(FailureKind.OutcomeUnknown, why);
        active.Abandon(why);
        _waits.RefuseAll(why);
    }

    /// <returns>False where it must wait for a commit or for the roll.</returns>
    private bool TryBegin(ILogMessage message, IActorRef sender)
    {
        Debug.Assert(!IsRolling, "what comes during a roll is held back");
        if (message is not IAppend { FrameBytes: > 0 and var frameBytes } append)
        {
            context.Memory.Tail.Activity.NoteQuestion();
            Answer(message, sender);
            return true;
        }
        // Before the roll: an append that is refused must not bring one about.
        if (TryRefuseUnexpected(append, sender)) return true;
        if (Writer.Latched is null && !Writer.HasRoomFor(frameBytes))
        {
            StartRoll();
            return false;
        }
        if (!Writer.CommitHasRoomFor(frameBytes))
        {
            if (active.IsCommitting) return false;
            _commits.Commit();
            // A commit that was aborted takes the end of the log back.
            if (TryRefuseUnexpected(append, sender)) return true;
        }
        if (Writer.Latched is { } failure)
        {
            var reason = ActiveSegment.ReadOnlyBecause(failure.Message);
            context.Refuse(message, sender, FailureKinds.OfRefused(failure), reason);
            return true;
        }
        active.Stage(append, sender);
        _commits.ScheduleCommit();
        return true;
    }

    private bool TryRefuseUnexpected(IAppend append, IActorRef sender)
    {
        if (append.ExpectedOffset is not { } expected) return false;
        if (expected == Writer.NextOffset || Writer.Latched is not null) return false;
        active.AnswerBehindStaged(append, sender);
        return true;
    }

    // Everything but appends: each has its answer, or waits behind what is staged.
    private void Answer(ILogMessage message, IActorRef sender)
    {
        switch (message)
        {
            case SyncLog sync:
                active.AnswerOnceDurable(sync, sender);
                _commits.SyncIfWanted();
                break;
            case SetSegmentLimit limit:
                context.Memory.Tail.Limit.Bytes = Writer.MaxSegmentBytes = limit.MaxSegmentBytes;
                sender.Tell(new SegmentLimitSet(limit.MaxSegmentBytes, limit.RequestId), context.Self);
                break;
            case AwaitRecord wait:
                _waits.Add(wait, sender, active.VisibleNextOffset);
                break;
            case CancelWait cancel:
                _waits.Cancel(cancel, sender, active.VisibleNextOffset);
                break;
            case SealActiveSegment when Writer.IsEmpty:
                context.Refuse(message, sender, FailureKind.Precondition, $"the active segment {active.File} is empty");
                break;
            case SealActiveSegment when Writer.Latched is { } failure:
                context.Refuse(
                    message, sender, FailureKinds.OfRefused(failure), ActiveSegment.ReadOnlyBecause(failure.Message));
                break;
            case SealActiveSegment seal:
                _roll.Ask(seal, sender);
                StartRoll();
                break;
            case IOwedMessage question and (DescribeTail or PassTicket or IRecordQuery):
                active.AnswerBehindStaged(question, sender);
                break;
            default:
                var reason = $"a segment does not take {message.GetType().Name}";
                context.Refuse(message, sender, FailureKind.Unavailable, reason);
                break;
        }
    }

    // Whatever was done may have made records visible, or have latched a failure.
    private void AnswerWaits()
    {
        _waits.NoteVisible(active.VisibleNextOffset);
        if (Writer.Latched is { } failure)
            _waits.RefuseAll(ActiveSegment.ReadOnlyBecause(failure.Message), FailureKinds.OfRefused(failure));
    }

    // What waited for a commit to end goes on: the roll, or else what was held back.
    private void GoOn()
    {
        if (IsRolling) SealOnceCommitted();
        while (!IsRolling && Held.TryPeek(out var next))
        {
            // Appends alone may have to wait on. What is begun must not be among what waits: a roll that ends at once
            // goes through that.
            var mayWait = next.Message is IAppend;
            if (!mayWait) context.Memory.InHand = Held.Dequeue();
            if (!TryBegin(next.Message, next.Sender)) break;
            if (mayWait) Held.Dequeue();
            context.Memory.InHand = null;
        }
        _commits.SyncIfWanted();
    }

    private void StartRoll()
    {
        _roll.Begin();
        SealOnceCommitted();
    }

    private void SealOnceCommitted()
    {
        if (_commits.IsSealing || active.IsSyncing) return;
        _commits.Commit();
        if (active.IsSyncing) return;
        // The commit may have failed, and may have been all that the segment held.
        if (Writer.IsEmpty || Writer.Latched is not null)
            EndRoll(FailureKind.Unavailable, "the segment could not be committed before its roll");
        else _commits.Seal();
    }

    private void FailWork(WorkFailed failed)
    {
        var reason = failed.Cause.Message;
        // What passes may be met again and again until it does.
        if (reason != _lastFailure) context.Log.Error("{0}: {1}", active.File, reason);
        _lastFailure = reason;
        var isAborted = failed.WasSeal && failed.Cause is WalLackException;
        if (!isAborted && active.AtRisk is { } range)
        {
            context.Log.Error(
                "{0}: acknowledged offsets {1} to {2} may be lost at a power cut",
                active.File,
                range.First,
                range.Next - 1);
        }
        if (failed.WasSeal)
        {
            _commits.EndSeal();
            // It may have got as far as the sync that some wait for.
            active.AnswerDurable();
        }
        if (!isAborted) active.FailSync(failed.Cause);
        _commits.NoteLatch();
        if (failed.WasSeal)
        {
            _roll.Fail(isAborted ? FailureKind.Aborted : FailureKind.OutcomeUnknown, reason);
            EndRoll(isAborted ? FailureKind.Aborted : FailureKinds.OfRefused(failed.Cause), reason);
        }
        else if (IsRolling && !_commits.IsSealing) EndRoll(FailureKinds.OfRefused(failed.Cause), reason);
        else GoOn();
    }

    /// <summary>
    /// No roll after all: appends that were held back for it did not happen; everything else goes on here.
    /// </summary>
    private void EndRoll(FailureKind kind, string reason)
    {
        _roll.End(kind, reason);
        for (var left = Held.Count; left > 0; left--)
        {
            var next = Held.Dequeue();
            if (next.Message is IAppend) context.Refuse(next.Message, next.Sender, kind, reason);
            else Held.Enqueue(next);
        }
        GoOn();
    }}
