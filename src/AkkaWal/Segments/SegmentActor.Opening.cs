using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segments;

// How a life begins: with a recovery, with what the life before left, or in refusing.
internal sealed partial class SegmentActor
{
    private readonly RetryWatch _retry = new(settings.Options.Clock);
    private (FailureKind Kind, string Reason, bool IsReadable) _refusal;

    private void Start()
    {
        if (cell.Sealed is { } segment)
        {
            LetGoOfWriter();
            AwaitSuccessor(segment);
        }
        else if (cell.Refusal is { } why) Refuse(FailureKind.Unavailable, why);
        else if (cell.Writer is { } before && before.EndedLatched()) Serve(before);
        // The writer that knew what of it may be read is gone with the manager.
        else if (cell.Latch.Reason is { } cause) Refuse(FailureKind.Unavailable, $"read-only after a failure: {cause}");
        else if (cell.CrashCount > settings.MaxRestarts) Refuse(FailureKind.Unavailable, $"its actor crashed {cell.CrashCount} times in a row");
        else _retry.Try(Recover);
    }

    private void Recover()
    {
        LetGoOfWriter();
        try
        {
            var resumed = SegmentRecovery.Resume(
                store, cell.BaseOffset, message => _log.Warning("{0}", message), cell.TakeTail());
            if (resumed.Sealed is { } segment)
            {
                cell.Sealed = segment;
                AwaitSuccessor(segment);
                return;
            }
            cell.Writer = resumed.Writer!;
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
            cell.Refusal = e.Message;
            Refuse(FailureKind.Unavailable, e.Message);
            return;
        }
        _isSecondTry = false;
        cell.Writer.MaxSegmentBytes = cell.Limit.Bytes;
        Serve(cell.Writer);
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
        Become(cell.IsHandedOver ? Sealed : Rolling);
        StopIfRead();
        if (!cell.IsHandedOver) manager.Tell(new SegmentIsSealed(segment), Self);
    }

    private void Refusing(object message)
    {
        if (TryTick(message) || TryChildStopped(message) || TryWorkOutcome(message)) return;
        var mayHavePassed = _refusal.IsReadable || _refusal.Kind == FailureKind.Aborted;
        if (mayHavePassed && !Requests.AskerOf(message, Sender).Asker.IsNobody() && _retry.IsDue)
        {
            _retry.Try(Recover);
            if (_active is not null) Active(message);
            else if (cell.Sealed is not null) Rolling(message);
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
        if (_refusal.Reason != reason) _log.Error("{0} takes no appends: {1}", SegmentName.Log(cell.BaseOffset), reason);
        _refusal = (kind, reason, isReadable);
        Become(Refusing);
        while (cell.Held.TryDequeue(out var next)) AnswerUnopened(next.Message, next.Sender);
        FailSeal(FailureKind.OutcomeUnknown, reason);
    }

    private void LetGoOfWriter()
    {
        cell.Writer?.Dispose();
        cell.Writer = null;
    }
}
