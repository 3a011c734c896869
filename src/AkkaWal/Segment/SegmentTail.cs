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
using UnreachableException = System.Diagnostics.UnreachableException;

namespace AkkaWal.Segment;

/// <summary>
/// The active segment. It handles requests in their order, holds back those that must wait for a commit or for the
/// roll, and seals the segment when it is full. Held requests were not begun and survive a restart of the actor.
/// </summary>
/// <param name="context">The actor's.</param>
/// <param name="active">The requests that are staged or in flight.</param>
/// <param name="worker">The <see cref="SyncWorker"/>.</param>
internal sealed class SegmentTail(SegmentContext context, ActiveSegment active, IActorRef worker)
{
    private readonly CommitLoop _commits = new(context, active, worker);
    private readonly SegmentRoll _roll = new(context);
    private readonly RecordWaits _waits = new(context);
    private string _lastFailure = "";

    /// <summary>Whether a roll is under way. Everything but reads of visible records is held back meanwhile.</summary>
    internal bool IsRolling => _roll.IsUnderWay;

    private SegmentWriter Writer => active.Writer;

    private Queue<(ILogMessage Message, IActorRef Sender)> Held => context.Memory.Held;

    /// <summary>Goes on with the requests that were held before a restart.</summary>
    internal void Start()
    {
        _commits.Start();
        GoOn();
    }

    /// <summary>Handles a request that concerns the tail, or holds it back if others are held already.</summary>
    internal void Handle(ILogMessage message, IActorRef sender)
    {
        if (IsRolling || Held.Count > 0 || !TryBegin(message, sender)) Held.Enqueue((message, sender));
        AnswerWaits();
    }

    /// <summary>Answers a read of a visible record. Such a read waits for no commit.</summary>
    internal bool TryReadVisible(IRecordQuery query, IActorRef sender)
    {
        if (query.Offset >= active.Questions.VisibleNextOffset) return false;
        active.Questions.Read(query, sender);
        return true;
    }

    /// <summary>Handles a timer's tick.</summary>
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
                _waits.EndOverdue(active.Questions.VisibleNextOffset, Writer.WhyEndIsUnknown());
                break;
            default:
                throw new UnreachableException($"{tick.GetType().Name} is not a segment's");
        }
        AnswerWaits();
    }

    /// <summary>Handles a result of the sync worker. Results of work that began before a restart are ignored.</summary>
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
            default:
                throw new UnreachableException($"{outcome.GetType().Name} is no outcome of the sync worker");
        }
        AnswerWaits();
    }

    /// <summary>Segments elsewhere were closed. A seal that lacked descriptors is tried again.</summary>
    internal void OnDescriptorsFreed()
    {
        if (_commits.IsSealing) _commits.Seal();
    }

    /// <summary>Whether a request waits here, and is answered by <see cref="Abandon"/> at the latest.</summary>
    internal bool IsWaiting(ILogMessage message) =>
        _roll.IsAskedBy(message) || active.Questions.IsWaiting(message) || _waits.IsWaiting(message);

    /// <summary>The segment is sealed and has a successor. This object gets no more requests.</summary>
    internal void AnswerSealed(SealedSegment segment)
    {
        _roll.AnswerSealed(segment);
        _waits.EndAll(segment.NextOffset);
    }

    /// <summary>A clean stop: what is staged or in flight is made durable and answered so.</summary>
    /// <param name="why">The reason in the replies to held requests.</param>
    /// <param name="mayWrite">Whether the state of the writer is known: false after a crash.</param>
    internal void Close(string why, bool mayWrite)
    {
        _roll.Fail(FailureKind.OutcomeUnknown, why);
        // The next opening finds out what the roll, or a commit that crashed, has done.
        if (mayWrite && !_commits.IsSealing) active.Close();
        _commits.NoteLatch();
        _waits.RefuseAll(why);
    }

    /// <summary>The requests that were begun will not be finished. Each gets its reply.</summary>
    internal void Abandon(string why)
    {
        _roll.Fail(FailureKind.OutcomeUnknown, why);
        active.Abandon(why);
        _waits.RefuseAll(why);
    }

    /// <returns>False if the message must wait for a commit or for the roll.</returns>
    private bool TryBegin(ILogMessage message, IActorRef sender)
    {
        Debug.Assert(!IsRolling, "what comes during a roll is held back");
        if (message is not IAppend { FrameBytes: > 0 and var frameBytes } append)
        {
            context.Memory.Tail.Activity.NoteQuestion();
            Answer(message, sender);
            return true;
        }
        // Checked before the roll: an append that is refused must not cause one.
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
            // An aborted commit moves the end of the log back.
            if (TryRefuseUnexpected(append, sender)) return true;
        }
        if (Writer.Latched is { } failure)
        {
            var reason = ActiveSegment.ReadOnlyBecause(failure.Message);
            context.Refuse(message, sender, FailureKinds.OfLatch(failure), reason);
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

    // For everything but appends. Each is answered now, or when the records that are staged before it are visible.
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
            case AwaitRecord when Writer.WhyEndIsUnknown() is { } cause:
                context.Refuse(message, sender, FailureKinds.Of(cause), cause.Message);
                break;
            case AwaitRecord wait:
                _waits.Add(wait, sender, active.Questions.VisibleNextOffset);
                break;
            case CancelWait cancel:
                _waits.Cancel(cancel, sender, active.Questions.VisibleNextOffset, Writer.WhyEndIsUnknown());
                break;
            case SealActiveSegment when Writer.IsEmpty:
                context.Refuse(message, sender, FailureKind.Precondition, $"the active segment {active.File} is empty");
                break;
            case SealActiveSegment when Writer.Latched is { } failure:
                context.Refuse(
                    message, sender, FailureKinds.OfLatch(failure), ActiveSegment.ReadOnlyBecause(failure.Message));
                break;
            case SealActiveSegment seal:
                _roll.Ask(seal, sender);
                StartRoll();
                break;
            case IOwedMessage question and (DescribeTail or PassTicket or IRecordQuery):
                active.AnswerBehindStaged(question, sender);
                break;
            default:
                Debug.Assert(message is IOwedMessage, "only a message that stands for a request may be left over");
                var reason = $"a segment does not take {message.GetType().Name}";
                context.Refuse(message, sender, FailureKind.Unavailable, reason);
                break;
        }
    }

    // Called after anything that may have made records visible or latched a failure.
    private void AnswerWaits()
    {
        _waits.NoteVisible(active.Questions.VisibleNextOffset);
        if (Writer.Latched is { } failure)
            _waits.RefuseAll(ActiveSegment.ReadOnlyBecause(failure.Message), FailureKinds.OfLatch(failure));
    }

    // Goes on after a commit: with the roll, or else with the held requests.
    private void GoOn()
    {
        if (IsRolling) SealOnceCommitted();
        while (!IsRolling && Held.TryPeek(out var next))
        {
            // Only an append may have to wait again. Any other request is removed from the queue before it is begun,
            // since a roll that ends at once goes through the queue.
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
        // The commit may have failed, and its records may have been the segment's only ones.
        if (Writer.Latched is { } failure)
            EndRoll(FailureKinds.OfLatch(failure), ActiveSegment.ReadOnlyBecause(failure.Message));
        else if (Writer.IsEmpty)
            EndRoll(FailureKind.Aborted, "the segment's records could not be committed before its roll");
        else _commits.Seal();
    }

    private void FailWork(WorkFailed failed)
    {
        var reason = failed.Cause.Message;
        // The same failure may recur many times. It is reported once.
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
            // The seal may have synced the log before it failed.
            active.AnswerDurable();
        }
        if (!isAborted) active.FailSync(failed.Cause);
        _commits.NoteLatch();
        if (failed.WasSeal)
        {
            _roll.Fail(isAborted ? FailureKind.Aborted : FailureKind.OutcomeUnknown, reason);
            EndRoll(isAborted ? FailureKind.Aborted : FailureKinds.OfLatch(failed.Cause), reason);
        }
        else if (IsRolling && !_commits.IsSealing) EndRoll(FailureKinds.OfLatch(failed.Cause), reason);
        else GoOn();
    }

    /// <summary>
    /// The roll is given up. Appends that were held back for it did not happen; all other requests are handled here.
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
    }
}
