using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Manager.Maintenance;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Manager;

/// <summary>
/// The manager's work while its log is open: it passes each message to the part that handles it. A restart of the
/// manager makes a new one. Owned by the manager.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation without a timer has nothing to release.")]
internal sealed class OpenLogHandler
{
    private readonly ManagerContext _context;
    private readonly DamagedLogStarter _damaged;
    private readonly SealedSegmentActors _readers;
    private readonly DescriptorRelief _relief;
    private readonly ActiveTail _tail;
    private readonly MaintenanceQueue _queue;
    private readonly RetentionSchedule _retention;
    private readonly ReadRouter _router;
    private readonly CancellationTokenSource _ending = new();
    private IActorRef _maintenance;

    /// <summary>Starts the actors of a log whose directory is open.</summary>
    /// <param name="context">The manager's context.</param>
    /// <param name="damaged">The reader of a log whose last segment is damaged.</param>
    internal OpenLogHandler(ManagerContext context, DamagedLogStarter damaged)
    {
        (_context, _damaged) = (context, damaged);
        var directory = context.Directory;
        _readers = new SealedSegmentActors(context.Actor, directory.SegmentFiles, context.State);
        _relief = new DescriptorRelief(context, _readers);
        _tail = new ActiveTail(context, _readers);
        _tail.Start();
        _maintenance = StartMaintenance();
        _queue = new MaintenanceQueue(directory, context.State.Floors, _readers, context, _maintenance);
        _retention = new RetentionSchedule(
            context.Settings, directory, context.State.Floors, context.Log, context.Metrics);
        _router = new ReadRouter(context, _tail, _readers, _queue, _relief);
        Advance();
    }

    /// <summary>Whether the MANIFEST may be ahead of the catalog.</summary>
    internal bool IsManifestAhead => _queue.IsManifestAhead;

    /// <summary>Handles a request that RequestLimits allows.</summary>
    internal void Handle(LogRequest request, IActorRef sender)
    {
        switch (request)
        {
            case IAppend:
                _tail.Append(request, sender);
                return;
            case IRecordQuery query:
                _context.Metrics.Read();
                _router.Route(query, sender);
                return;
            case ReadBatch batch:
                _context.Metrics.Read();
                _router.StartBatch(batch, sender);
                return;
            case GetLogInfo or GetSegments:
                _router.Describe(request, sender);
                return;
            case IMaintenanceRequest:
                _router.Enqueue(request, sender);
                break;
            case SyncLog or SealActiveSegment or SetSegmentLimit or AwaitRecord or CancelWait:
                _tail.Forward(request, sender);
                return;
            case HoldFloor floor:
                Hold(floor, sender);
                break;
            case ReleaseFloor floor:
                _context.State.Floors.Release(floor.Name);
                sender.Tell(new FloorReleased(floor.Name, floor.RequestId), _context.Self);
                return;
            default:
                var reason = $"the log does not take {request.GetType().Name}";
                _context.Refuse(request, sender, reason, FailureKind.Invalid);
                return;
        }
        Advance();
    }

    /// <summary>Handles a message of the log's own actors.</summary>
    internal void Handle(InternalMessage message, IActorRef sender)
    {
        switch (message)
        {
            // Sent with every commit. No waiting operation depends on it, so the queue is not advanced.
            case Credit credit:
                _context.State.PendingBytes -= credit.Bytes;
                return;
            case ContinueBatch batch:
                _router.Route(batch, batch.Asker);
                break;
            case TailDescribed answer:
                Answer(answer.Request, answer.Asker, answer.Tail);
                break;
            case OffsetNotHeld miss:
                _router.AnswerNotHeld(miss);
                break;
            case SegmentNotOpened miss:
                _router.RetryUnopened(miss);
                break;
            case ReadUnopened question:
                _damaged.Start(question.Damage, ownsLock: true).Tell(question, _context.Self);
                break;
            case FreeDescriptors:
                _relief.FreeFor(sender);
                break;
            case SegmentIsSealed rolled:
                Roll((rolled, sender));
                break;
            case Drained drained:
                Roll(_tail.EndHandOver(drained));
                break;
            case IdleTick:
                _readers.LetGoOfIdle();
                break;
            default:
                HandleMaintenance(message, sender);
                break;
        }
        Advance();
    }

    /// <summary>
    /// An actor that the manager watches has stopped: the manager let it go, or another actor stopped it. It has
    /// answered the requests that it held. <see cref="UndeliveredRequests"/> answers those in its mailbox.
    /// </summary>
    internal void NoteStopped(IActorRef stopped)
    {
        _context.State.End(stopped);
        _readers.NoteStopped(stopped);
        _router.GoOnWithDescriptors();
        if (stopped.Equals(_maintenance)) _queue.Replace(_maintenance = StartMaintenance());
        Roll(_tail.NoteStopped(stopped));
        _queue.NoteDrained(stopped);
        Advance();
    }

    /// <summary>Refuses all requests that wait in the manager.</summary>
    internal void RefuseAll(string reason)
    {
        _tail.RefuseAll(reason);
        _relief.RefuseAll(reason);
        _queue.RefuseAll(reason);
    }

    private void HandleMaintenance(InternalMessage message, IActorRef sender)
    {
        switch (message)
        {
            case TicketPassed passed:
                _queue.NoteTicket(passed);
                break;
            case TicketRefused refused:
                _queue.NoteTicket(refused);
                break;
            case ReadsDrained:
                _queue.NoteDrained(sender);
                break;
            case WorkDone done:
                _queue.Complete(done);
                break;
            case WorkNotDone failed:
                // Free descriptors before the reply, since the next try may follow at once.
                if (failed.LacksDescriptors) _relief.TryFree();
                _queue.Fail(failed);
                break;
            case EndMaintenance:
                _ending.Cancel();
                break;
            case RetentionTick:
                Enqueue(_retention.Check(isTick: true));
                break;
            default:
                Debug.Assert(message is IOwedMessage, "only a message that stands for a request may be left over");
                _context.Refuse(message, sender, $"the log does not take {message.GetType().Name}");
                break;
        }
    }

    // The only place that begins operations on sealed segments and answers the questions that waited for them.
    private void Advance()
    {
        while (true)
        {
            if (_queue.TryDequeueEnded(out var ended))
            {
                // What was given up is not reported as a failure of retention.
                if (!_ending.IsCancellationRequested) Enqueue(_retention.NoteEnded(ended));
            }
            else if (_queue.TryAdvance(out var question)) Resume(question);
            else return;
        }
    }

    private void Enqueue(IReadOnlyList<LogRequest> operations)
    {
        foreach (var operation in operations) _queue.EnqueueOwn(operation);
    }

    private void Resume(MaintenanceJob job)
    {
        switch (job.Message)
        {
            case LogRequest request when job.Tail is { } end:
                Answer(request, job.Asker, end);
                break;
            case SegmentNotOpened miss:
                _router.RetryUnopened(miss);
                break;
            case HoldFloor floor:
                AnswerHeld(floor, job.Asker);
                break;
            case IRecordQuery query:
                _router.Forward(query, job.Asker);
                break;
            default:
                throw new UnreachableException($"{job.Message?.GetType().Name} does not wait for operations");
        }
    }

    private void Answer(LogRequest request, IActorRef asker, TailDescription end)
    {
        // The active segment can be read again, so the reader of damaged logs is not needed.
        _damaged.LetGo();
        _router.Answer(request, asker, end, _retention.Problem);
    }

    private void Hold(HoldFloor floor, IActorRef asker)
    {
        var floors = _context.State.Floors;
        // A floor keeps only this owner from deletions, and each deletion checks the ownership by itself. So it does no
        // harm if the log was lost a moment ago: the consumer hears it when it moves its floor again.
        if (_context.WhyNotOwnedLately() is { } lost)
            _context.Refuse(floor, asker, lost.Message, FailureKinds.Of(lost));
        else if (!floors.TryHold(floor.Name, floor.Offset))
            _context.Refuse(floor, asker, $"{Floors.MaxFloors} floors are held already");
        // The reply comes when the floor holds: a deletion that was begun earlier must end first.
        else if (_queue.IsDeletingFrom(floor.Offset)) _queue.EnqueueBehindCurrent(floor, asker);
        else AnswerHeld(floor, asker);
    }

    private void AnswerHeld(HoldFloor floor, IActorRef asker) => asker.Tell(
        new FloorHeld(floor.Name, floor.Offset, _context.Directory.StartOffset, floor.RequestId), _context.Self);

    private void Roll((SegmentIsSealed Rolled, IActorRef Old)? next)
    {
        if (next is not var (rolled, old) || !_tail.TryRoll(rolled, old)) return;
        if (_context.Directory.IsManifestDue) _queue.NoteManifestDue();
        Enqueue(_retention.NoteSealed(rolled.Sealed.BaseOffset));
    }

    private IActorRef StartMaintenance() => _context.Actor.Watch(_context.Actor.ActorOf(
        WalProps.Of<MaintenanceActor>("maintenance", _context.Directory.SegmentFiles, _ending.Token), "maintenance"));
}
