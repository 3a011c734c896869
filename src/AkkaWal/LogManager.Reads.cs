using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal;

// Who answers a question: the active segment, a sealed one, or the catalog; and what waits for operations on sealed segments.
public sealed partial class LogManager
{
    /// <summary>Forwards a read to the segment that holds its offset, behind the deletions that its asker told before.</summary>
    private void Route(object query, IActorRef asker)
    {
        var offset = RecordQueries.OffsetOf(query);
        if (!_queue!.MustWait(asker, offset)) Forward(query, asker);
        else if (offset >= _state.Directory.ActiveBase && RequestOf(query) is { } request) TakeTicket(request, asker);
        else _queue.TakeInTurn(query, asker);
    }

    private void Forward(object query, IActorRef asker)
    {
        var offset = RecordQueries.OffsetOf(query);
        if (offset >= _state.Directory.ActiveBase) ToTail(query, asker);
        else if (_state.Directory.FindSealed(offset) is { } segment) _readers.ActorOf(segment).Tell(query, asker);
        else if (RequestOf(query) is ReadBatch { Gaps: GapPolicy.Skip } batch)
            Forward(ContinueBatch.Of(batch with { Offset = _state.Directory.BehindGap(offset) }, asker, _state.Batches), asker);
        else if (RequestOf(query) is { } request) AskTail(request, asker);
        else ((ContinueBatch)query).Answer(Self);
    }

    // A batch that has read something is on its way; any other query is still what was asked.
    private static LogRequest? RequestOf(object query) => query is ContinueBatch batch
        ? batch.Payloads.Count == 0 ? batch.Request : null
        : (LogRequest)query;

    private void AskTail(LogRequest request, IActorRef asker) => ToTail(new DescribeTail(request, asker), asker);

    private void TakeTicket(LogRequest request, IActorRef asker)
    {
        if (_queue!.Take(request, asker) is { } ticket) ToTail(new PassTicket(ticket, Self), Self);
    }

    private void StartBatch(ReadBatch batch) => Route(ContinueBatch.Of(_frame.Fit(batch, Sender), Sender, _state.Batches), Sender);

    /// <summary>A segment's files were not as its actor knew them: deleted or changed meanwhile, or damaged.</summary>
    private void Judge(SegmentNotOpened miss)
    {
        if (_queue!.IsChanging(miss.Known.BaseOffset)) _queue.TakeBehindCurrent(miss, miss.Asker);
        else if (_state.Directory.FindSealed(miss.Known.BaseOffset) != miss.Known) Forward(miss.Query, miss.Asker);
        else if (!TryStarve(miss)) RecordQueries.Refuse(miss.Query, miss.Asker, miss.Cause, Self);
    }

    /// <summary>The turn of something that waited for an operation on sealed segments has come.</summary>
    private void Resume(object question, IActorRef asker, TailDescription? tail)
    {
        if (tail is not null) Describe((LogRequest)question, asker, tail);
        else if (question is SegmentNotOpened miss) Judge(miss);
        else if (question is HoldFloor floor) asker.Tell(new FloorHeld(floor.Name, floor.Offset, _state.Directory.StartOffset, floor.RequestId), Self);
        else Forward(question, asker);
    }

    private void Describe(LogRequest request, IActorRef asker, TailDescription tail)
    {
        // The active segment answers for itself.
        LetGoOfDamaged();
        if (!CatalogAnswers.IsHeld(request, tail, _state.Directory))
        {
            var reply = CatalogAnswers.To(request, tail, _state.Directory, _frame.MostSegments(asker));
            asker.Tell(reply is LogInfo info ? info with { UpkeepProblem = _retention!.Problem } : reply, Self);
        }
        else if (request is ReadBatch batch) Forward(ContinueBatch.Of(batch, asker, _state.Batches), asker);
        else Forward(request, asker);
    }

    private void TakeFloor(LogRequest request, IActorRef asker)
    {
        switch (request)
        {
            case ReleaseFloor release:
                _state.Floors.Release(release.Name);
                asker.Tell(new FloorReleased(release.Name, release.RequestId), Self);
                break;
            case HoldFloor floor when !_state.Floors.TryHold(floor.Name, floor.Offset):
                asker.Tell(new RequestFailed(FailureKind.Unavailable, $"{Floors.MaxFloors} floors are held already", request.RequestId), Self);
                break;
            // It is answered once it holds: a deletion that was begun before it ends first.
            case HoldFloor floor when _queue!.IsDeletingFrom(floor.Offset):
                _queue.TakeBehindCurrent(floor, asker);
                break;
            default:
                Resume(request, asker, null);
                break;
        }
    }
}
