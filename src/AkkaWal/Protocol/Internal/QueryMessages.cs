using Akka.Actor;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Segment to manager: a question that the segment can't answer, since damage keeps it from being opened.
/// </summary>
/// <param name="Query">A query or a <see cref="DescribeTail"/>.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Damage">The damage.</param>
internal sealed record ReadUnopened(IOwedMessage Query, IActorRef Asker, long RequestId, string Damage)
    : QueryMessage<IOwedMessage>(Query, Asker, RequestId);

/// <summary>
/// Segment to manager: the log does not hold that offset. Only the manager knows which offsets it does hold.
/// </summary>
/// <param name="Missing">The query.</param>
/// <param name="NextOffset">The end of the log, as the active segment knows it.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Asker">The actor that gets the reply.</param>
internal sealed record OffsetNotHeld(long Missing, long NextOffset, long RequestId, IActorRef Asker)
    : OwedMessage(Asker, RequestId);

/// <summary>Segment to its tail reader: read these records -> the query's reply, to its asker.</summary>
/// <param name="Query">The query.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Records">The segment's visible records; this view does not change.</param>
/// <param name="BaseOffset">The segment's first offset.</param>
internal sealed record ReadTail(
    IRecordQuery Query, IActorRef Asker, long RequestId, SegmentRecords Records, long BaseOffset)
    : QueryMessage<IRecordQuery>(Query, Asker, RequestId);

/// <summary>Sealed segment to manager: a query that it can't answer, since its file can't be opened.</summary>
/// <param name="Query">The query.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Known">The segment as the actor knows it.</param>
/// <param name="Cause">Why the file can't be opened.</param>
internal sealed record SegmentNotOpened(
    IRecordQuery Query, IActorRef Asker, long RequestId, SealedSegment Known, WalException Cause)
    : QueryMessage<IRecordQuery>(Query, Asker, RequestId)
{
    /// <summary>Whether it was a <see cref="SecondTry"/>.</summary>
    internal bool IsSecondTry { get; init; }
}

/// <summary>
/// Manager to a sealed segment: the second try of a query whose segment could not be opened for lack of descriptors.
/// Some descriptors were freed since.
/// </summary>
/// <param name="Query">The query.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record SecondTry(IRecordQuery Query, IActorRef Asker, long RequestId)
    : QueryMessage<IRecordQuery>(Query, Asker, RequestId);
