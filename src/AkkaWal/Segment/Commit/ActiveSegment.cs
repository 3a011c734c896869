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
/// The requests that a commit answers. A request is staged, then (if the policy waits for the disk) in flight, then
/// answered. This class knows nothing of mailboxes: its actor passes on what arrived and runs the syncs.
/// </summary>
/// <param name="writer">The segment.</param>
/// <param name="flush">The flush policy: what an acknowledged append survives.</param>
/// <param name="manager">The log's manager. It knows the other segments.</param>
/// <param name="self">The sender of the replies.</param>
/// <param name="reader">Starts the <see cref="TailReader"/> when it is first needed.</param>
/// <param name="tail">What survives the roll to the next segment.</param>
internal sealed class ActiveSegment(
    SegmentWriter writer,
    FlushPolicy flush,
    IActorRef manager,
    IActorRef self,
    Func<IActorRef> reader,
    TailState tail)
{
    /// <summary>
    /// The most bytes that a read takes on the thread that commits: about as long as a commit of a few appends.
    /// </summary>
    private const long MostBytesReadHere = 128 << 10;

    private readonly Queue<(long UntilOffset, IOwedMessage Query, IActorRef Asker)> _untilVisible = [];
    private readonly Queue<(long UntilOffset, SyncLog Request, IActorRef Asker)> _untilDurable = [];
    private readonly CommitDelay _delay = new();
    private CommitGroup _staged = new();
    private CommitGroup _inFlight = new();
    private long _syncBegan;

    internal SegmentWriter Writer => writer;

    internal string File => SegmentName.Log(writer.Header.BaseOffset);

    internal bool HasStaged => !_staged.IsEmpty;

    /// <summary>
    /// Whether the commit of the staged records should wait a moment for more. Asked repeatedly until it is false.
    /// </summary>
    internal bool ShouldWaitForMore => _delay.IsWorthIt(_staged.Count, Stopwatch.GetTimestamp());

    /// <summary>
    /// Whether a single writer appends: the commit in flight has one append, so had the one before, and nothing arrived
    /// meanwhile.
    /// </summary>
    internal bool IsSingleWriters => _inFlight.Count == 1 && _delay.IsComplete(1);

    /// <summary>Whether a sync was begun and has not ended.</summary>
    internal bool IsSyncing { get; private set; }

    /// <summary>
    /// Whether a commit must wait for a sync that is under way. Under `always` a commit is a write and a sync.
    /// </summary>
    internal bool IsCommitting => IsSyncing && flush == FlushPolicy.Always;

    /// <summary>
    /// The end of the records that may be read. Under `always` a record is read only when a power cut can't lose it.
    /// </summary>
    internal long VisibleNextOffset => Visible.NextOffset;

    private Watermark Visible => flush == FlushPolicy.Always ? writer.Durable : writer.Committed;

    /// <summary>Whether a request waits for a sync that no append will cause.</summary>
    internal bool WantsSync => _untilDurable.Count > 0 && HasUnsynced;

    /// <summary>
    /// Whether the operating system has records that are not known to be on the disk, and a sync may still put them
    /// there.
    /// </summary>
    internal bool HasUnsynced => writer.Latched is null && writer.Committed.NextOffset > writer.Durable.NextOffset;

    /// <summary>The acknowledged offsets that a power cut may lose; null if there are none.</summary>
    internal OffsetRange? AtRisk => flush == FlushPolicy.Always || writer.Committed == writer.Durable
        ? null
        : new OffsetRange(writer.Durable.NextOffset, writer.Committed.NextOffset);

    internal void Stage(IAppend append, IActorRef sender)
    {
        try
        {
            _staged.Reserve();
            if (append is Append one) _staged.Add(sender, one, writer.Stage(one.Payload.Span));
            else if (append is AppendBatch batch) _staged.Add(sender, batch, writer.StageBatch(batch.Payloads));
        }
        catch (OutOfMemoryException)
        {
            // No part of the append is staged, and other appends stay as they were.
            var bytes = Requests.PendingBytesOf(append);
            var reason = $"there is no memory for an append that takes {bytes} bytes: it did not happen";
            Requests.Refuse(append, sender, FailureKind.Aborted, reason, self, tail.Metrics);
            Credit(bytes);
        }
    }

    /// <summary>Writes the staged records. Answers them if the policy does not wait for the disk.</summary>
    /// <returns>Whether the records were written. If not, their requests have been answered.</returns>
    internal bool Commit()
    {
        try
        {
            Write();
        }
        catch (WalLackException e)
        {
            Fail(_staged, FailureKind.Aborted, e.Message);
            AnswerVisible();
            AnswerDurable();
            return false;
        }
        catch (WalException e)
        {
            FailStaged(e);
            return false;
        }
        if (flush == FlushPolicy.Always)
        {
            Debug.Assert(_inFlight.IsEmpty, "one commit is in flight at a time");
            (_staged, _inFlight) = (_inFlight, _staged);
            return true;
        }
        Credit(_staged.Succeed(self));
        AnswerVisible();
        return true;
    }

    private void Write()
    {
        var (before, startedAt) = (writer.Committed, Stopwatch.GetTimestamp());
        writer.Commit();
        var now = writer.Committed;
        tail.ActiveBytes = writer.SizeBytes;
        if (_staged.IsEmpty) return;
        var (records, bytes) = (now.NextOffset - before.NextOffset, now.EndPosition - before.EndPosition);
        tail.Metrics.Committed(_staged.Count, records, bytes, startedAt);
    }

    /// <summary>Begins a sync.</summary>
    /// <returns>The end of the records that the sync covers.</returns>
    internal Watermark BeginSync()
    {
        Debug.Assert(!IsSyncing, "one sync is under way at a time");
        IsSyncing = true;
        _syncBegan = Stopwatch.GetTimestamp();
        return writer.BeginSync();
    }

    internal void CompleteSync(Watermark covered)
    {
        Debug.Assert(IsSyncing, "a sync that ends was begun");
        IsSyncing = false;
        writer.CompleteSync(covered);
        var (answered, syncTook) = (_inFlight.Count, Stopwatch.GetElapsedTime(_syncBegan));
        Credit(_inFlight.Succeed(self));
        writer.PrepareNext();
        AnswerVisible();
        AnswerDurable();
        // PrepareNext may have latched a failure: no more syncs will come.
        if (writer.Latched is { } cause) FailWaitingSyncs(ReadOnlyBecause(cause.Message));
        // To answer many requests can take as long as a sync, and the requests that arrive meanwhile are seen only
        // afterwards.
        _delay.Begin(answered, _staged.Count, syncTook, Stopwatch.GetTimestamp());
    }

    /// <summary>
    /// A sync or the roll failed: the outcome of requests in flight is unknown, and staged ones did not happen.
    /// </summary>
    internal void FailSync(WalException cause)
    {
        IsSyncing = false;
        var unknown = writer.FailSync(cause);
        Fail(_inFlight, FailureKind.OutcomeUnknown, unknown.Message);
        var refused = FailureKinds.OfRefused(cause);
        Fail(_staged, refused, $"it did not happen: {ReadOnlyBecause(cause.Message)}");
        FailWaiting(unknown.Message, ReadOnlyBecause(cause.Message), refused);
    }

    /// <summary>Answers every request that waits. This object gets no more requests.</summary>
    internal void Abandon(string reason)
    {
        Fail(_inFlight, FailureKind.OutcomeUnknown, reason);
        Fail(_staged, FailureKind.OutcomeUnknown, reason);
        FailWaiting(reason, reason);
    }

    /// <summary>A clean stop: what is staged or in flight is made durable and answered so.</summary>
    internal void Close()
    {
        try
        {
            // After a failed sync a second one would succeed, although data may be lost.
            writer.ThrowIfSyncFailed();
            Write();
            writer.SyncNow();
            Credit(_inFlight.Succeed(self) + _staged.Succeed(self));
            AnswerVisible();
            AnswerDurable();
            writer.CloseCleanly();
        }
        catch (WalException e)
        {
            Abandon(e.Message);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Whether a question waits for its answer.</summary>
    internal bool IsWaiting(ILogMessage question) =>
        _untilVisible.Any(waiting => ReferenceEquals(waiting.Query, question));

    /// <summary>
    /// Answers a question once all records that were staged before it are visible. An append with an unexpected offset
    /// is such a question: its refusal reports records that are there.
    /// </summary>
    internal void AnswerBehindStaged(IOwedMessage question, IActorRef asker)
    {
        // A read of one record waits for that record. Everything else, a batch too, waits for all staged records.
        var untilOffset = question is IRecordQuery query and not ContinueBatch
            ? Math.Min(query.Offset + 1, writer.NextOffset)
            : writer.NextOffset;
        _untilVisible.Enqueue((untilOffset, question, asker));
        AnswerVisible();
    }

    /// <summary>Answers once all records that were staged before it are on the disk.</summary>
    internal void AnswerOnceDurable(SyncLog request, IActorRef asker)
    {
        _untilDurable.Enqueue((writer.NextOffset, request, asker));
        AnswerDurable();
        // No more syncs will come.
        if (writer.Latched is { } cause && !IsSyncing) FailWaitingSyncs(ReadOnlyBecause(cause.Message));
    }

    internal void AnswerDurable()
    {
        // After an aborted commit the log's end can be lower than the offset that is waited for. Then all records are
        // on the disk.
        while (_untilDurable.TryPeek(out var first)
            && (first.UntilOffset <= writer.Durable.NextOffset || writer.Durable.NextOffset == writer.NextOffset))
        {
            _untilDurable.Dequeue();
            first.Asker.Tell(new LogSynced(writer.Durable.NextOffset - 1, first.Request.RequestId), self);
        }
    }

    private void AnswerVisible()
    {
        // After an aborted commit the log's end can be lower than the offset that is waited for. Then nothing is staged
        // or in flight, and no more records will come.
        while (_untilVisible.TryPeek(out var first)
            && (first.UntilOffset <= VisibleNextOffset || (_staged.IsEmpty && _inFlight.IsEmpty)))
        {
            // It is removed after it was answered: if that crashes, it is answered with the others.
            AnswerNow(first.Query, first.Asker, first.UntilOffset);
            _untilVisible.Dequeue();
        }
    }

    private void AnswerNow(IOwedMessage waiting, IActorRef asker, long untilOffset)
    {
        if (TellsEnd(waiting) && writer.WhyEndIsUnknown() is { } cause)
        {
            Requests.Refuse(waiting, asker, FailureKinds.OfRefused(cause), cause.Message, self, tail.Metrics);
            Credit(Requests.PendingBytesOf(waiting));
            return;
        }
        switch (waiting)
        {
            case IAppend append:
                RefuseUnexpected(append, asker, untilOffset);
                break;
            case DescribeTail question:
                manager.Tell(new TailDescribed(question.Request, question.Asker, Describe()), self);
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
                throw new UnreachableException($"nothing of {waiting.GetType().Name} waits for a commit");
        }
    }

    // Whether the answer says where the log ends. A ticket's operation is checked when it is carried out.
    private bool TellsEnd(IOwedMessage waiting) =>
        waiting is IAppend or DescribeTail || (waiting is IRecordQuery query && query.Offset >= VisibleNextOffset);

    private void TellNotHeld(long offset, long requestId, IActorRef asker) =>
        manager.Tell(new OffsetNotHeld(offset, VisibleNextOffset, requestId, asker), self);

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
        tail.Metrics.Refused(refusal.Kind);
        asker.Tell(refusal, self);
        Credit(Requests.PendingBytesOf(append));
    }

    private TailDescription Describe() => new(
        writer.Info, writer.Durable.NextOffset == writer.Committed.NextOffset, writer.Latched?.Message ?? "");

    /// <summary>Answers a query of a visible record: here, or by the tail reader if it is long.</summary>
    internal void Read(IRecordQuery query, IActorRef asker)
    {
        if (writer.IsTakenOver)
        {
            // The log goes on at another owner, behind the records that this writer knows.
            var reason = writer.Latched?.Message ?? "another owner has taken the log over";
            Requests.Refuse(query, asker, FailureKind.NotOwned, reason, self, tail.Metrics);
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
                query, asker, records, writer.Header.BaseOffset, VisibleNextOffset, null, self, tail.Metrics);
            return;
        }
        var waiting = query.AskerOr(asker);
        reader().Tell(
            new ReadTail(
                query, waiting, query.RequestId, writer.RecordsUpTo(Visible), writer.Header.BaseOffset),
            self);
    }

    private void FailStaged(WalException cause)
    {
        var refused = FailureKinds.OfRefused(cause);
        Fail(_staged, cause is WalReadOnlyException ? refused : FailureKind.OutcomeUnknown, cause.Message);
        var reasonOfQuestions = cause is WalOutcomeUnknownException { InnerException: { } inner }
            ? ReadOnlyBecause(inner.Message) : cause.Message;
        FailWaiting(cause.Message, reasonOfQuestions, refused);
    }

    // The outcome of a failed sync is unknown, but a question has no effect.
    private void FailWaiting(
        string reason, string reasonOfQuestions, FailureKind kindOfQuestions = FailureKind.Unavailable)
    {
        FailWaitingSyncs(reason);
        while (_untilVisible.TryDequeue(out var waiting))
        {
            Requests.Refuse(
                waiting.Query, waiting.Asker, kindOfQuestions, reasonOfQuestions, self, tail.Metrics);
            Credit(Requests.PendingBytesOf(waiting.Query));
        }
    }

    internal static string ReadOnlyBecause(string cause) => $"read-only after a failure: {cause}";

    private void FailWaitingSyncs(string reason)
    {
        while (_untilDurable.TryDequeue(out var waiting))
        {
            var refusal = new RequestFailed(FailureKind.OutcomeUnknown, reason, waiting.Request.RequestId);
            tail.Metrics.Refused(refusal.Kind);
            waiting.Asker.Tell(refusal, self);
        }
    }

    private void Fail(CommitGroup appends, FailureKind kind, string reason)
    {
        if (appends.IsEmpty) return;
        tail.Metrics.Refused(kind, appends.Count);
        Credit(appends.Fail(kind, reason, self));
    }

    private void Credit(long bytes)
    {
        if (bytes > 0) manager.Tell(new Credit(bytes), self);
    }
}
