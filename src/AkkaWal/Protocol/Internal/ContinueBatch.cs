using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace AkkaWal.Protocol.Internal;

/// <summary>A batch read that goes from segment to segment. The actor that has the message owns the list.</summary>
/// <param name="Request">The request.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="Payloads">The payloads read so far.</param>
/// <param name="BytesLeft">How many payload bytes may follow.</param>
/// <param name="Budget">The limit of what all such batches hold together.</param>
internal sealed record ContinueBatch(
    ReadBatch Request, IActorRef Asker, List<ReadOnlyMemory<byte>> Payloads, long BytesLeft, BatchBudget Budget)
    : OwedMessage(Asker, Request.RequestId), IRecordQuery
{
    private BatchBudget.Hold? Hold { get; init; }

    internal long NextOffset => Request.Offset + Payloads.Count;

    long IRecordQuery.Offset => NextOffset;

    internal int RecordsLeft => Request.MaxRecords - Payloads.Count;

    /// <summary>The batch of a new request, with no records yet and within the limits of one reply.</summary>
    internal static ContinueBatch Of(ReadBatch request, IActorRef asker, BatchBudget budget)
    {
        var within = request with
        {
            MaxRecords = Math.Min(request.MaxRecords, ReadBatch.MostRecords),
            MaxBytes = Math.Min(request.MaxBytes, ReadBatch.MostBytes),
        };
        return new ContinueBatch(within, asker, [], within.MaxBytes, budget);
    }

    /// <summary>
    /// Whether the batch may go on to another segment with the payloads that it has. If so, <c>on</c> is the message to
    /// send.
    /// </summary>
    internal bool TryGoOn([NotNullWhen(true)] out ContinueBatch? on)
    {
        Hold?.Release();
        var hold = Budget.TryReserve(Request.MaxBytes - BytesLeft);
        on = hold is null ? null : this with { Hold = hold };
        return on is not null;
    }

    /// <summary>Answers with the records read so far.</summary>
    internal void Answer(IActorRef self) => Answer(new BatchRead(Request.Offset, Payloads, Request.RequestId), self);

    internal override void Refuse(RequestFailed refusal, IActorRef self) => Answer(refusal, self);

    /// <summary>Answers with a reply.</summary>
    internal void Answer(LogReply reply, IActorRef self)
    {
        Asker.Tell(reply, self);
        Hold?.Release();
    }
}
