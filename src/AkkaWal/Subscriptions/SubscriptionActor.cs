using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using Debug = System.Diagnostics.Debug;

namespace AkkaWal.Subscriptions;

/// <summary>
/// One subscription. While the subscriber has requested records, it reads one batch at a time and sends it at once. At
/// the end of the log it waits for a record. It uses the log as any client does: whatever happens to the log's actors,
/// it sees a failed request, and tries again.
/// </summary>
internal sealed class SubscriptionActor : UntypedActor, IWithTimers, IDisposable
{
    private const int MaxBatchRecords = 4096, MaxBatchBytes = 1 << 20;

    // A log that was stopped and started has lost its floors and sends no notice of that. So the floor is held again
    // regularly.
    private static readonly TimeSpan LongestFloorInterval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Subscribe _request;
    private readonly IActorRef _subscriber;
    private readonly RetryingClient _log;
    private long _nextOffset, _wantedCount, _confirmedOffset, _floorOffset = -1;
    private bool _isReading, _isMovingFloor, _hasBegun, _hasEnded, _isLeaving;

    /// <param name="request">The request, already validated.</param>
    /// <param name="subscriber">An actor on this node.</param>
    /// <param name="client">A client of the log.</param>
    public SubscriptionActor(Subscribe request, IActorRef subscriber, WalClient client)
    {
        (_request, _subscriber, _log) = (request, subscriber, new RetryingClient(client));
        _nextOffset = _confirmedOffset = request.FromOffset;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool HoldsFloor => _request.Floor.Length > 0;

    /// <summary>Called by Akka.NET, once the actor has stopped.</summary>
    public void Dispose() => _stop.Dispose();

    protected override void PreStart()
    {
        Context.Watch(_subscriber);
        if (HoldsFloor) MoveFloor();
        else Begin();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RequestRecords { Count: < 1 } wrong:
                End(FailureKind.Invalid, $"1 record or more can be asked for, not {wrong.Count}");
                break;
            case RequestRecords more:
                _wantedCount += more.Count;
                ReadOn();
                break;
            case ConfirmRecords done when done.NextOffset > _nextOffset:
                End(FailureKind.Invalid,
                    $"everything below {done.NextOffset} was confirmed, and {_nextOffset} is the next to be told");
                break;
            case ConfirmRecords done:
                _confirmedOffset = Math.Max(_confirmedOffset, done.NextOffset);
                if (_confirmedOffset > _floorOffset) MoveFloor();
                break;
            case Unsubscribe:
                Leave();
                break;
            case BatchReady ready:
                _isReading = false;
                Deliver(ready.Batch);
                break;
            case FloorMoved moved:
                NoteFloor(moved.Offset);
                break;
            case FloorTick:
                MoveFloor();
                break;
            case FloorGone:
                End(null, "");
                break;
            // A subscriber that leaves needs no more records.
            case ReadFailed when _isLeaving:
                break;
            case MoveFailed when _isLeaving:
                ReleaseFloor();
                break;
            case Failure failure:
                End(failure.Kind, failure.Reason);
                break;
            case Terminated:
                _hasEnded = true;
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        TellEnd(FailureKind.Unavailable, "the subscription was stopped, by a crash or with its actor system");
    }

    private void Begin()
    {
        _hasBegun = true;
        _subscriber.Tell(new Subscribed(_request.FromOffset, _request.RequestId), Self);
        var interval = _request.Timeout / 2 < LongestFloorInterval ? _request.Timeout / 2 : LongestFloorInterval;
        if (HoldsFloor) Timers.StartPeriodicTimer(nameof(FloorTick), new FloorTick(), interval);
        ReadOn();
    }

    private void ReadOn()
    {
        if (_isReading || !_hasBegun || _isLeaving || _wantedCount == 0) return;
        _isReading = true;
        var count = (int)Math.Min(_wantedCount, MaxBatchRecords);
        Pipe(
            ReadNext(_nextOffset, count),
            static batch => new BatchReady(batch),
            static (kind, reason) => new ReadFailed(kind, reason));
    }

    // Runs on the runtime's pool. A cancelled wait is removed from the log.
    private async Task<BatchRead> ReadNext(long offset, int maxRecords)
    {
        var request = new ReadBatch(offset, maxRecords, MaxBatchBytes) { Gaps = GapPolicy.Skip };
        while (true)
        {
            var batch = await _log.Ask<BatchRead>(request, _stop.Token).ConfigureAwait(false);
            if (batch.NextOffset > offset) return batch;
            await _log.AwaitRecord(offset, _stop.Token).ConfigureAwait(false);
        }
    }

    private void Deliver(BatchRead batch)
    {
        if (_isLeaving) return;
        Debug.Assert(batch.FirstOffset >= _nextOffset && batch.Payloads.Count <= _wantedCount, "it was asked for");
        if (batch.FirstOffset > _nextOffset)
            _subscriber.Tell(new RecordsMissing(_nextOffset, batch.FirstOffset), Self);
        if (batch.Payloads.Count > 0)
            _subscriber.Tell(new RecordsDelivered(batch.FirstOffset, batch.Payloads), Self);
        _nextOffset = batch.NextOffset;
        _wantedCount -= batch.Payloads.Count;
        ReadOn();
    }

    // One move at a time. Confirmations meanwhile are one more move.
    private void MoveFloor()
    {
        if (!HoldsFloor || _isMovingFloor || _isLeaving) return;
        _isMovingFloor = true;
        var floor = new HoldFloor(_request.Floor, _confirmedOffset);
        Pipe(
            _log.Ask<FloorHeld>(floor, _stop.Token),
            static held => new FloorMoved(held.Offset),
            static (kind, reason) => new MoveFailed(kind, reason));
    }

    private void NoteFloor(long offset)
    {
        _isMovingFloor = false;
        _floorOffset = offset;
        if (_isLeaving) ReleaseFloor();
        else if (!_hasBegun) Begin();
        else if (_confirmedOffset > offset) MoveFloor();
    }

    // The floor is released after a move that is under way, so that the move does not set it again.
    private void Leave()
    {
        if (_isLeaving) return;
        _isLeaving = true;
        if (!HoldsFloor) End(null, "");
        else if (!_isMovingFloor) ReleaseFloor();
    }

    private void ReleaseFloor() => Pipe(
        _log.Ask<FloorReleased>(new ReleaseFloor(_request.Floor), _stop.Token),
        static _ => new FloorGone(),
        static (kind, reason) => new Failure(kind, reason));

    private void End(FailureKind? kind, string reason)
    {
        TellEnd(kind, reason);
        Context.Stop(Self);
    }

    private void TellEnd(FailureKind? kind, string reason)
    {
        if (_hasEnded) return;
        _hasEnded = true;
        // If the subscription has not begun, the subscriber waits for the reply to its request.
        if (_hasBegun) _subscriber.Tell(new SubscriptionEnded(kind, reason), Self);
        else _subscriber.Tell(new RequestFailed(kind ?? FailureKind.Unavailable, reason, _request.RequestId), Self);
    }

    private void Pipe<T>(Task<T> work, Func<T, Outcome> success, Func<FailureKind, string, Failure> failure) =>
        work.PipeTo(
            Self,
            success: success,
            failure: e => failure((e as WalRequestException)?.Kind ?? FailureKind.Unavailable, e.Message));

    private abstract record Outcome : InternalMessage, IDeadLetterSuppression;

    private sealed record BatchReady(BatchRead Batch) : Outcome;

    private sealed record FloorMoved(long Offset) : Outcome;

    private sealed record FloorGone : Outcome;

    private sealed record FloorTick : Outcome;

    private record Failure(FailureKind Kind, string Reason) : Outcome;

    private sealed record ReadFailed(FailureKind Kind, string Reason) : Failure(Kind, Reason);

    private sealed record MoveFailed(FailureKind Kind, string Reason) : Failure(Kind, Reason);
}
