using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Protocol.Internal;

// What a LogManager and its SegmentActors tell each other. Requests that go to a segment as they came (Append, Read, ...)
// are forwarded with their sender kept; the ones below go around.

/// <summary>What travels in place of a request that does not fit into a message between nodes: it gets its answer all the same.</summary>
/// <param name="Reason">For people.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record RequestTooLarge(string Reason, long RequestId) : LogRequest(RequestId);

/// <summary>Manager to the active segment, behind the last append it gets: forward what you hold back to this one.</summary>
internal sealed record SuccessorIs(IActorRef Successor) : IInternalMessage;

/// <summary>Active segment to manager: it is sealed on disk and its successor's files exist.</summary>
/// <param name="Sealed">What it has become.</param>
internal sealed record SegmentIsSealed(SealedSegment Sealed) : IInternalMessage;

/// <summary>Segment to manager: a question that a segment whose damage keeps it from being opened can't answer.</summary>
/// <param name="Question">A query or a <see cref="DescribeTail"/>.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Damage">What is wrong.</param>
internal sealed record ReadUnopened(object Question, IActorRef Asker, long RequestId, string Damage) : IOwedReply;

/// <summary>Sealed segment to manager: everything it held back is with the successor.</summary>
internal sealed record Drained(long BaseOffset) : IInternalMessage;

/// <summary>Segment to manager: so many bytes of appends that the manager counted as pending have been answered.</summary>
internal sealed record Credit(long Bytes) : IInternalMessage;

/// <summary>A batch read on its way from segment to segment. Whoever holds it owns the list.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="Payloads">What has been read so far.</param>
/// <param name="BytesLeft">How many payload bytes may follow.</param>
/// <param name="Budget">What batches on their way may hold together.</param>
internal sealed record ContinueBatch(
    ReadBatch Request, IActorRef Asker, List<ReadOnlyMemory<byte>> Payloads, long BytesLeft, BatchBudget Budget) : IOwedReply
{
    public long RequestId => Request.RequestId;

    private BatchBudget.Hold? Hold { get; init; }

    internal long NextOffset => Request.Offset + Payloads.Count;

    internal int RecordsLeft => Request.MaxRecords - Payloads.Count;

    /// <summary>What was asked for, with nothing read yet and within the limits of one reply.</summary>
    internal static ContinueBatch Of(ReadBatch request, IActorRef asker, BatchBudget budget)
    {
        var within = request with
        {
            MaxRecords = Math.Min(request.MaxRecords, ReadBatch.MostRecords),
            MaxBytes = Math.Min(request.MaxBytes, ReadBatch.MostBytes),
        };
        return new ContinueBatch(within, asker, [], within.MaxBytes, budget);
    }

    /// <summary>Whether it may go on to another segment with what it has; then the result is what goes on.</summary>
    internal bool TryGoOn([NotNullWhen(true)] out ContinueBatch? on)
    {
        Hold?.Release();
        var hold = Budget.TryTake(Request.MaxBytes - BytesLeft);
        on = hold is null ? null : this with { Hold = hold };
        return on is not null;
    }

    /// <summary>Its asker's answer: what has been read.</summary>
    internal void Answer(IActorRef self) => Answer(new BatchRead(Request.Offset, Payloads, Request.RequestId), self);

    /// <summary>Its asker's answer.</summary>
    internal void Answer(LogReply reply, IActorRef self)
    {
        Asker.Tell(reply, self);
        Hold?.Release();
    }
}

/// <summary>Manager to the active segment, and back with what it knows: a question about the whole log.</summary>
/// <param name="Request"><see cref="GetLogInfo"/>, <see cref="GetSegments"/>, a <see cref="MaintenanceTicket"/>, or a read of what the log does not hold.</param>
/// <param name="Asker">Who gets the reply.</param>
internal sealed record DescribeTail(LogRequest Request, IActorRef Asker) : IOwedReply
{
    public long RequestId => Request.RequestId;
}

/// <summary>The active segment's answer.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Tail">The active segment.</param>
/// <param name="IsFullyDurable">Whether all of it is on the disk.</param>
/// <param name="ReadOnlyReason">Why it takes no appends; "" where it does.</param>
internal sealed record TailDescribed(DescribeTail Question, Storage.SegmentInfo Tail, bool IsFullyDurable, string ReadOnlyReason) : IOwedReply
{
    public IActorRef Asker => Question.Asker;

    public long RequestId => Question.RequestId;
}

/// <summary>Segment to manager: the log does not hold that offset; only the manager knows what it does hold.</summary>
/// <param name="Offset">What was asked for.</param>
/// <param name="NextOffset">The end of the log, as the active segment knows it.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Asker">Who gets the reply.</param>
internal sealed record OffsetNotHeld(long Offset, long NextOffset, long RequestId, IActorRef Asker) : IOwedReply;

/// <summary>Segment to its reader: read these records -> the query's reply, to its asker.</summary>
/// <param name="Query">A <see cref="Read"/>, <see cref="Locate"/> or <see cref="ContinueBatch"/>.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Records">The segment, as far as it may be read; it does not change.</param>
/// <param name="BaseOffset">The segment's first offset.</param>
internal sealed record ReadTail(object Query, IActorRef Asker, long RequestId, RecordAccess Records, long BaseOffset) : IOwedReply;
