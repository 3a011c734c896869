using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Tests.Replies;

/// <summary>One valid message of each type that needs a reply. A new type without a sample fails the specs.</summary>
internal static class MessageSamples
{
    private static readonly Dictionary<Type, Func<long, LogRequest>> Requests = new()
    {
        [typeof(Append)] = id => new Append(new byte[8], id),
        [typeof(AppendBatch)] = id => new AppendBatch([new byte[8], new byte[8]], id),
        [typeof(Read)] = id => new Read(0, id),
        [typeof(ReadBatch)] = id => new ReadBatch(0, RequestId: id),
        [typeof(Locate)] = id => new Locate(0, id),
        [typeof(GetLogInfo)] = id => new GetLogInfo(id),
        [typeof(GetSegments)] = id => new GetSegments(id),
        [typeof(AwaitRecord)] = id => new AwaitRecord(0, id),
        [typeof(CancelWait)] = id => new CancelWait(99, id),
        [typeof(SyncLog)] = id => new SyncLog(id),
        [typeof(SealActiveSegment)] = id => new SealActiveSegment(id),
        [typeof(SetSegmentLimit)] = id => new SetSegmentLimit(1 << 20, id),
        [typeof(DeleteSegment)] = id => new DeleteSegment("00000000.log", id),
        [typeof(TruncateBefore)] = id => new TruncateBefore(1, id),
        [typeof(CompressSegment)] = id => new CompressSegment("00000000.log", id),
        [typeof(ArchiveSegment)] = id => new ArchiveSegment("00000000.log", id),
        [typeof(HoldFloor)] = id => new HoldFloor("consumer", 0, id),
        [typeof(ReleaseFloor)] = id => new ReleaseFloor("consumer", id),
        [typeof(RequestTooLarge)] = id => new RequestTooLarge("it was too large to travel", id),
    };

    private static readonly Dictionary<Type, Func<long, IActorRef, OwedMessage>> Owed = new()
    {
        [typeof(ContinueBatch)] = (id, asker) => ContinueBatch.Of(
            new ReadBatch(0, RequestId: id), asker, new BatchBudget(1 << 20)),
        [typeof(DescribeTail)] = (id, asker) => new DescribeTail(new GetLogInfo(id), asker),
        [typeof(TailDescribed)] = (id, asker) => new TailDescribed(
            new GetLogInfo(id), asker,
            new TailDescription(new SegmentInfo("00000000.log", 0, 2, 48, SegmentState.Active), true, null)),
        [typeof(OffsetNotHeld)] = (id, asker) => new OffsetNotHeld(99, 3, id, asker),
        [typeof(ReadUnopened)] = (id, asker) => new ReadUnopened(new Read(0, id), asker, id, "the segment is damaged"),
        [typeof(ReadTail)] = (id, asker) => new ReadTail(new Read(0, id), asker, id, null!, 0),
        [typeof(SegmentNotOpened)] = (id, asker) => new SegmentNotOpened(
            new Read(0, id), asker, id, new SealedSegment(0, 2, 32, SegmentState.Sealed, 0, 0),
            new WalDamagedException("00000000.log", 0, "a header", "nothing")),
        [typeof(SecondTry)] = (id, asker) => new SecondTry(new Read(0, id), asker, id),
        [typeof(PassTicket)] = (id, asker) => new PassTicket(id, asker),
    };

    /// <summary>Requests that are handled in another way than the sample of their type.</summary>
    private static readonly Func<long, LogRequest>[] Variants =
    [
        id => new Append(new byte[8], id) { ExpectedOffset = 99 },
        id => new AppendBatch([new byte[8], new byte[8]], id) { ExpectedOffset = 99 },
        id => new AwaitRecord(99, id) { MaxWait = TimeSpan.FromMilliseconds(1) },
    ];

    /// <summary>
    /// Requests, and internal messages on behalf of requests, numbered from 1. Those that change a segment's state come
    /// last.
    /// </summary>
    internal static IReadOnlyList<object> All(IActorRef asker)
    {
        var types = Types<LogRequest>().Concat(Types<OwedMessage>()).OrderBy(type => type == typeof(SealActiveSegment));
        var samples = types.Select(type => (Func<long, object>)(id => Of(type, id, asker)));
        return [.. Variants.Concat(samples).Select((sample, index) => sample(index + 1))];
    }

    /// <summary>
    /// The number of the message that a reply or a forwarded message belongs to; null if it needs no reply.
    /// </summary>
    internal static long? IdOf(object message) => message switch
    {
        LogRequest request => request.RequestId,
        LogReply reply => reply.RequestId,
        OwedMessage owed => owed.RequestId,
        TicketPassed passed => passed.Ticket,
        TicketRefused refused => refused.Ticket,
        _ => null,
    };

    private static object Of(Type type, long id, IActorRef asker) =>
        Requests.TryGetValue(type, out var request) ? request(id)
        : Owed.TryGetValue(type, out var owed) ? owed(id, asker)
        : throw new NotSupportedException($"no sample of {type.Name}");

    private static IEnumerable<Type> Types<T>() => typeof(LogManager).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(T)))
        .OrderBy(type => type.Name, StringComparer.Ordinal);
}
