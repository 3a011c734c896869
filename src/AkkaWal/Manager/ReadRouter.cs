using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Manager.Maintenance;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal.Manager;

/// <summary>
/// Routes each question to the active segment, a sealed one, or the catalog. A question waits in the
/// <see cref="MaintenanceQueue"/> if an operation of its asker can change the answer. Owned by the manager.
/// </summary>
internal sealed class ReadRouter(
    ManagerContext context,
    ActiveTail tail,
    SealedSegmentActors readers,
    MaintenanceQueue queue,
    DescriptorRelief relief)
{
    /// <summary>Begins a batch, limited to what fits into one reply to its asker.</summary>
    internal void StartBatch(ReadBatch batch, IActorRef asker) =>
        Route(ContinueBatch.Of(context.Frame.Fit(batch, asker), asker, context.State.Batches), asker);

    /// <summary>
    /// Forwards a read to the segment that holds its offset. It waits for deletions that its asker sent before.
    /// </summary>
    internal void Route(IRecordQuery query, IActorRef asker)
    {
        var offset = query.Offset;
        if (!queue.MustWait(asker, offset)) Forward(query, asker);
        else if (offset >= context.Directory.ActiveBase && RequestOf(query) is { } request) Enqueue(request, asker);
        else queue.EnqueueQuery(query, asker);
    }

    /// <summary>Answers a question about the whole log. It waits for operations that its asker sent before.</summary>
    internal void Describe(LogRequest request, IActorRef asker)
    {
        if (queue.MustWait(asker)) Enqueue(request, asker);
        else tail.Describe(request, asker);
    }

    /// <summary>Puts a request into the maintenance queue, behind everything that its asker sent before.</summary>
    internal void Enqueue(LogRequest request, IActorRef asker)
    {
        if (queue.Enqueue(request, asker) is { } ticket)
            tail.Forward(new PassTicket(ticket, context.Self), context.Self);
    }

    /// <summary>Forwards a read to the segment that holds its offset.</summary>
    internal void Forward(IRecordQuery query, IActorRef asker)
    {
        var offset = query.Offset;
        var directory = context.Directory;
        if (offset >= directory.ActiveBase) tail.Forward(query, asker);
        else if (directory.FindSealed(offset) is { } segment) readers.ActorOf(segment).Tell(query, asker);
        else if (RequestOf(query) is ReadBatch { Gaps: GapPolicy.Skip } batch)
            Forward(BeginAt(batch with { Offset = directory.BehindGap(offset) }, asker), asker);
        else if (RequestOf(query) is { } request) tail.Describe(request, asker);
        else ((ContinueBatch)query).Answer(context.Self);
    }

    /// <summary>
    /// A segment's actor could not open its files: they were deleted or changed meanwhile, or are damaged.
    /// </summary>
    internal void RetryUnopened(SegmentNotOpened miss)
    {
        if (queue.IsChanging(miss.Known.BaseOffset)) queue.EnqueueBehindCurrent(miss, miss.Asker);
        else if (context.Directory.FindSealed(miss.Known.BaseOffset) != miss.Known) Forward(miss.Query, miss.Asker);
        else if (!relief.TryHold(miss))
        {
            // Another owner that has taken the log over moves its files.
            var cause = context.WhyNotOwned() is { IsNotOwned: true } lost ? lost : miss.Cause;
            RecordQueries.Refuse(miss.Query, miss.Asker, cause, context.Self, context.Metrics);
        }
    }

    /// <summary>
    /// Descriptors were freed: goes on with queries that lacked them. Each reader that was closed had one or two files
    /// open, enough for one query. Readers that are not closed by then will free no more.
    /// </summary>
    internal void GoOnWithDescriptors()
    {
        relief.NoteFreed();
        while (relief.TryDequeue(out var miss))
        {
            if (context.Directory.FindSealed(miss.Query.Offset) is { } segment)
                readers.ActorOf(segment).Tell(new SecondTry(miss.Query, miss.Asker, miss.RequestId), context.Self);
            else Forward(miss.Query, miss.Asker);
            if (readers.IsAnyLeaving) return;
        }
    }

    /// <summary>Answers a question about the whole log with the active segment's description.</summary>
    /// <param name="request">The request.</param>
    /// <param name="asker">The actor that gets the reply.</param>
    /// <param name="end">The active segment's description.</param>
    /// <param name="upkeepProblem">As <see cref="LogInfo.UpkeepProblem"/>.</param>
    internal void Answer(LogRequest request, IActorRef asker, TailDescription end, string upkeepProblem)
    {
        var directory = context.Directory;
        if (!CatalogAnswers.IsHeld(request, end, directory))
        {
            var reply = CatalogAnswers.To(request, end, directory, context.Frame.MostSegments(asker));
            if (reply is RequestFailed failed) context.Metrics.Refused(failed.Kind);
            asker.Tell(reply is LogInfo info ? info with { UpkeepProblem = upkeepProblem } : reply, context.Self);
        }
        else if (request is ReadBatch batch) Forward(BeginAt(batch, asker), asker);
        else Forward((IRecordQuery)request, asker);
    }

    /// <summary>Answers that the log does not hold an offset, with the offsets that it does hold.</summary>
    internal void AnswerNotHeld(OffsetNotHeld miss)
    {
        var reason = context.Directory.ReasonNotHeld(miss.Missing, miss.NextOffset);
        context.Refuse(miss, miss.Asker, reason, FailureKind.NotFound);
    }

    private ContinueBatch BeginAt(ReadBatch batch, IActorRef asker) =>
        ContinueBatch.Of(batch, asker, context.State.Batches);

    // The request to ask again with; null for a batch that already has records.
    private static LogRequest? RequestOf(IRecordQuery query) => query is ContinueBatch batch
        ? batch.Payloads.Count == 0 ? batch.Request : null
        : (LogRequest)query;
}
