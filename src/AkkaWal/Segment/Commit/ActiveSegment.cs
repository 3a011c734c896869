using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
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
    private readonly Queue<(long UntilOffset, SyncLog Request, IActorRef Asker)> _untilDurable = [];
    private readonly CommitDelay _delay = new();
    private CommitGroup _staged = new();
    private CommitGroup _inFlight = new();
    private long _syncBegan;

    internal SegmentWriter Writer => writer;

    /// <summary>The questions that wait for records to become visible.</summary>
    internal TailQuestions Questions { get; } = new(writer, flush, manager, self, reader, tail.Metrics);

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
            Requests.RefuseAndCredit(append, sender, FailureKind.Aborted, reason, manager, self, tail.Metrics);
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
        var unknown = writer.Fail(cause);
        Fail(_inFlight, FailureKind.OutcomeUnknown, unknown.Message);
        var refused = FailureKinds.OfLatch(cause);
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

    /// <summary>
    /// Answers a question once all records that were staged before it are visible. An append with an unexpected offset
    /// is such a question: its refusal reports records that are there.
    /// </summary>
    internal void AnswerBehindStaged(IOwedMessage question, IActorRef asker)
    {
        Questions.Add(question, asker);
        AnswerVisible();
    }

    /// <summary>Answers once all records that were staged before it are on the disk.</summary>
    internal void AnswerOnceDurable(SyncLog request, IActorRef asker)
    {
        if (writer.WhyEndIsUnknown() is { } lost)
        {
            Requests.Refuse(request, asker, FailureKinds.Of(lost), lost.Message, self, tail.Metrics);
            return;
        }
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

    // Where nothing is staged or in flight, no more records will come.
    private void AnswerVisible() => Questions.AnswerVisible(isComplete: _staged.IsEmpty && _inFlight.IsEmpty);

    private void FailStaged(WalException cause)
    {
        var refused = FailureKinds.OfLatch(cause);
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
        Questions.RefuseAll(kindOfQuestions, reasonOfQuestions);
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

    private void Credit(long bytes) => Requests.Credit(bytes, manager, self);
}
