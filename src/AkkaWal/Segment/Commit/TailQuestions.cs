using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segment.Commit;

/// <summary>
/// The questions to the active segment. A question waits until the records that were staged before it are visible, so
/// that one sender's answers come in the order of its requests.
/// </summary>
/// <param name="writer">The segment.</param>
/// <param name="flush">Says which records are visible: the durable ones, or the committed ones.</param>
/// <param name="manager">The log's manager. It knows the other segments.</param>
/// <param name="self">The sender of the replies.</param>
/// <param name="reader">Starts the <see cref="TailReader"/> when it is first needed.</param>
/// <param name="metrics">Counts the refusals.</param>
internal sealed class TailQuestions(
    SegmentWriter writer,
    FlushPolicy flush,
    IActorRef manager,
    IActorRef self,
    Func<IActorRef> reader,
    LogMetrics metrics)
{
    /// <summary>
    /// The most bytes that a read takes on the thread that commits: about as long as a commit of a few appends.
    /// </summary>
    private const long MostBytesReadHere = 128 << 10;

    private readonly Queue<(long UntilOffset, IOwedMessage Question, IActorRef Asker)> _waiting = [];

    /// <summary>
    /// The end of the records that may be read. Under `always` a record is read only when a power cut can't lose it.
    /// </summary>
    internal long VisibleNextOffset => Visible.NextOffset;

    private Watermark Visible => flush == FlushPolicy.Always ? writer.Durable : writer.Committed;

    /// <summary>Whether a question waits for its answer.</summary>
    internal bool IsWaiting(ILogMessage question) =>
        _waiting.Any(waiting => ReferenceEquals(waiting.Question, question));

    /// <summary>Adds a question, to be answered by <see cref="AnswerVisible"/>.</summary>
    internal void Add(IOwedMessage question, IActorRef asker)
    {
        // A read of one record waits for that record. Everything else, a batch too, waits for all staged records.
        var untilOffset = question is IRecordQuery query and not ContinueBatch
            ? Math.Min(query.Offset + 1, writer.NextOffset)
            : writer.NextOffset;
        _waiting.Enqueue((untilOffset, question, asker));
    }

    /// <summary>Answers the questions whose records are visible.</summary>
    /// <param name="isComplete">
    /// Whether no more records will come. After an aborted commit the log's end can be lower than the offset that is
    /// waited for.
    /// </param>
    internal void AnswerVisible(bool isComplete)
    {
        while (_waiting.TryPeek(out var first) && (first.UntilOffset <= VisibleNextOffset || isComplete))
        {
            // It is removed after it was answered: if that crashes, it is answered with the others.
            Answer(first.Question, first.Asker, first.UntilOffset);
            _waiting.Dequeue();
        }
    }

    /// <summary>Refuses all questions that wait. A question has no effect, so its outcome is never unknown.</summary>
    internal void RefuseAll(FailureKind kind, string reason)
    {
        while (_waiting.TryDequeue(out var waiting)) Refuse(waiting.Question, waiting.Asker, kind, reason);
    }

    /// <summary>Answers a query of a visible record: here, or by the tail reader if it is long.</summary>
    internal void Read(IRecordQuery query, IActorRef asker)
    {
        if (writer.IsTakenOver)
        {
            // The log goes on at another owner, behind the records that this writer knows. What a batch has is from
            // sealed segments, which do not change.
            if (query is ContinueBatch { Payloads.Count: > 0 } begun)
            {
                begun.Answer(self);
                return;
            }
            var reason = writer.Latched?.Message ?? "another owner has taken the log over";
            Requests.Refuse(query, asker, FailureKind.NotOwned, reason, self, metrics);
            return;
        }
        var records = writer.Records;
        var readBytes = query switch
        {
            Read read => records.BytesOf(read.Offset, 1, 0),
            ContinueBatch batch => records.BytesOf(batch.NextOffset, batch.RecordsLeft, batch.BytesLeft),
            _ => 0,
        };
        if (readBytes <= MostBytesReadHere)
        {
            RecordQueries.Answer(
                query, asker, records, writer.Header.BaseOffset, VisibleNextOffset, null, self, metrics);
            return;
        }
        var waiting = query.AskerOr(asker);
        reader().Tell(
            new ReadTail(
                query, waiting, query.RequestId, writer.RecordsUpTo(Visible), writer.Header.BaseOffset),
            self);
    }

    private void Answer(IOwedMessage question, IActorRef asker, long untilOffset)
    {
        if (TellsEnd(question) && writer.WhyEndIsUnknown() is { } cause)
        {
            Refuse(question, asker, FailureKinds.Of(cause), cause.Message);
            return;
        }
        switch (question)
        {
            case IAppend append:
                RefuseUnexpected(append, asker, untilOffset);
                break;
            case DescribeTail tail:
                manager.Tell(new TailDescribed(tail.Request, tail.Asker, Describe()), self);
                break;
            case PassTicket ticket:
                ticket.Asker.Tell(new TicketPassed(ticket.Ticket, Describe()), self);
                break;
            // The batch is at the log's end, or behind it after an aborted commit.
            case ContinueBatch batch when batch.NextOffset == VisibleNextOffset
                || (batch.Payloads.Count > 0 && batch.NextOffset > VisibleNextOffset):
                batch.Answer(self);
                break;
            case ContinueBatch batch when batch.NextOffset > VisibleNextOffset:
                TellNotHeld(batch.NextOffset, batch.RequestId, batch.Asker);
                break;
            case IRecordQuery query when query.Offset >= VisibleNextOffset:
                TellNotHeld(query.Offset, query.RequestId, asker);
                break;
            case IRecordQuery query:
                Read(query, asker);
                break;
            default:
                throw new UnreachableException($"nothing of {question.GetType().Name} waits for a commit");
        }
    }

    // Whether the answer says where the log ends. A ticket's operation is checked when it is carried out. A batch that
    // has records is answered with them, which does not say that there are no more.
    private bool TellsEnd(IOwedMessage question) => question is IAppend or DescribeTail
        || (question is IRecordQuery query and not ContinueBatch { Payloads.Count: > 0 }
            && query.Offset >= VisibleNextOffset);

    private void TellNotHeld(long offset, long requestId, IActorRef asker) =>
        manager.Tell(new OffsetNotHeld(offset, VisibleNextOffset, requestId, asker), self);

    // An append whose expected offset is not the next one. Its refusal reports the records that are there.
    private void RefuseUnexpected(IAppend append, IActorRef asker, long nextOffset)
    {
        var expected = append.ExpectedOffset;
        // After an aborted commit the log's end can be lower than it was when the append arrived.
        var next = Math.Min(nextOffset, VisibleNextOffset);
        var wasFreed = expected >= next && expected < nextOffset;
        var reason = wasFreed
            ? $"the append that was to get offset {expected} was given up, and this one with it"
            : $"expected_offset is {expected}, and the next record gets offset {next}";
        var refusal = new RequestFailed(
            wasFreed ? FailureKind.Aborted : FailureKind.Precondition, reason, append.RequestId)
        {
            NextOffset = wasFreed ? null : next,
        };
        metrics.Refused(refusal.Kind);
        asker.Tell(refusal, self);
        Requests.Credit(Requests.PendingBytesOf(append), manager, self);
    }

    private TailDescription Describe() => new(
        writer.Info, writer.Durable.NextOffset == writer.Committed.NextOffset, writer.Latched);

    private void Refuse(IOwedMessage question, IActorRef asker, FailureKind kind, string reason) =>
        Requests.RefuseAndCredit(question, asker, kind, reason, manager, self, metrics);
}
