using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segment;

// How a life begins: with a recovery, with what the life before left, or in refusing.
internal sealed partial class SegmentActor
{
    private readonly RetryWatch _retry = new(settings.Options.Clock);
    private (FailureKind Kind, string Reason, bool IsReadable) _refusal;

    private void Start()
    {
        if (memory.Sealed is { } segment)
        {
            LetGoOfWriter();
            AwaitSuccessor(segment);
        }
        else if (memory.Refusal is { } why) Refuse(FailureKind.Unavailable, why);
        else if (memory.Writer is { } before && before.EndedLatched()) Serve(before);
        // The writer that knew what of it may be read is gone with the manager.
        else if (memory.Tail.Latch.Reason is { } cause) Refuse(FailureKind.Unavailable, $"read-only after a failure: {cause}");
        else if (memory.CrashCount > settings.MaxRestarts) Refuse(FailureKind.Unavailable, $"its actor crashed {memory.CrashCount} times in a row");
        else _retry.Try(Recover);
    }

    private void Recover()
    {
        LetGoOfWriter();
        try
        {
            var resumed = SegmentRecovery.Resume(
                store, memory.BaseOffset, message => _log.Warning("{0}", message), memory.TakeSurvey());
            if (resumed.Sealed is { } segment)
            {
                memory.Sealed = segment;
                AwaitSuccessor(segment);
                return;
            }
            memory.Writer = resumed.Writer!;
        }
        catch (WalFaultException e)
        {
            Refuse(FailureKind.Unavailable, FaultText.Of(e), isReadable: true);
            return;
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            Refuse(FailureKind.Aborted, e.Message);
            if (e.Cause == WalIOCause.NoDescriptors && !_isSecondTry) manager.Tell(new FreeDescriptors(), Self);
            _isSecondTry = true;
            return;
        }
        catch (WalException e)
        {
            memory.Refusal = e.Message;
            Refuse(FailureKind.Unavailable, e.Message);
            return;
        }
        _isSecondTry = false;
        memory.Writer.MaxSegmentBytes = memory.Tail.Limit.Bytes;
        Serve(memory.Writer);
    }

    private void Serve(SegmentWriter writer)
    {
        _active = new ActiveSegment(writer, settings.Options.Flush, manager, Self, StartTailReader);
        var worker = Props.Create<SyncWorker>().WithDeploy(Deploy.Local).WithDispatcher(Context.Props.Dispatcher);
        _worker = Context.Watch(Context.ActorOf(worker));
        // The life before may have left something to do.
        ScheduleUpkeep();
        ScheduleSync();
        Become(Active);
        GoOn();
    }

    // A crash between the seal on disk and the hand-over takes the roll up again from there.
    private void AwaitSuccessor(SealedSegment segment)
    {
        Become(memory.IsHandedOver ? Sealed : Rolling);
        StopIfRead();
        if (!memory.IsHandedOver) manager.Tell(new SegmentIsSealed(segment), Self);
    }

    private void Refusing(object message)
    {
        if (TryTick(message) || TryChildStopped(message) || TryWorkOutcome(message)) return;
        var mayHavePassed = _refusal.IsReadable || _refusal.Kind == FailureKind.Aborted;
        if (mayHavePassed && !Requests.AskerOf(message, Sender).Asker.IsNobody() && _retry.IsDue)
        {
            _retry.Try(Recover);
            if (_active is not null) Active(message);
            else if (memory.Sealed is not null) Rolling(message);
            else AnswerUnopened(message, Sender);
        }
        else AnswerUnopened(message, Sender);
    }

    private void AnswerUnopened(object message, IActorRef sender)
    {
        // What can be read all the same, others know.
        var isReading = RecordQueries.IsQuery(message) || message is DescribeTail { Request: not MaintenanceTicket };
        var (asker, id) = Requests.AskerOf(message, sender);
        if (_refusal.IsReadable && isReading) manager.Tell(new ReadUnopened(message, asker, id, _refusal.Reason), Self);
        else Fail(message, sender, _refusal.Kind, _refusal.Reason);
    }

    private void Refuse(FailureKind kind, string reason, bool isReadable = false)
    {
        if (_refusal.Reason != reason) _log.Error("{0} takes no appends: {1}", SegmentName.Log(memory.BaseOffset), reason);
        _refusal = (kind, reason, isReadable);
        Become(Refusing);
        while (memory.Held.TryDequeue(out var next)) AnswerUnopened(next.Message, next.Sender);
        FailSeal(FailureKind.OutcomeUnknown, reason);
    }

    private void LetGoOfWriter()
    {
        memory.Writer?.Dispose();
        memory.Writer = null;
    }
}
