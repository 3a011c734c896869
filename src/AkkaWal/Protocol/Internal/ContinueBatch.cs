using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace AkkaWal.Protocol.Internal;

/// <summary>A batch read on its way from segment to segment. Whoever holds it owns the list.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="Payloads">What has been read so far.</param>
/// <param name="BytesLeft">How many payload bytes may follow.</param>
/// <param name="Budget">What batches on their way may hold together.</param>
internal sealed record ContinueBatch(
    ReadBatch Request, IActorRef Asker, List<ReadOnlyMemory<byte>> Payloads, long BytesLeft, BatchBudget Budget)
    : OwedMessage(Asker, Request.RequestId), IRecordQuery
{
    private BatchBudget.Hold? Hold { get; init; }

    internal long NextOffset => Request.Offset + Payloads.Count;

    long IRecordQuery.Offset => NextOffset;

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

    internal override void Refuse(RequestFailed refusal, IActorRef self) => Answer(refusal, self);

    /// <summary>Its asker's answer.</summary>
    internal void Answer(LogReply reply, IActorRef self)
    {
        Asker.Tell(reply, self);
        Hold?.Release();
    }
}
