using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Answers;

/// <summary>What every holder of a request must know of it.</summary>
internal static class Requests
{
    /// <summary>Who waits for a request's reply, and its id.</summary>
    /// <param name="message">A request, or one on its way between manager and segments.</param>
    /// <param name="sender">The message's sender.</param>
    internal static (IActorRef Asker, long RequestId) AskerOf(object message, IActorRef sender) => message switch
    {
        LogRequest request => (sender, request.RequestId),
        OwedMessage inside => (inside.Asker, inside.RequestId),
        _ => (ActorRefs.Nobody, 0),
    };

    /// <summary>
    /// Answers a request, wherever it is on its way, that it was not carried out; nothing where nobody asked.
    /// </summary>
    /// <param name="message">As <see cref="AskerOf"/>.</param>
    /// <param name="sender">The message's sender.</param>
    /// <param name="kind">What its asker may conclude.</param>
    /// <param name="reason">For people.</param>
    /// <param name="self">Who answers.</param>
    /// <param name="metrics">The log's.</param>
    internal static void Refuse(
        object message, IActorRef sender, FailureKind kind, string reason, IActorRef self, LogMetrics metrics)
    {
        var (asker, id) = AskerOf(message, sender);
        if (asker.IsNobody()) return;
        metrics.Refused(kind);
        var refusal = new RequestFailed(kind, reason, id);
        if (message is OwedMessage inside) inside.Refuse(refusal, self);
        else asker.Tell(refusal, self);
    }

    /// <summary>Whether it is an operation on sealed segments.</summary>
    internal static bool IsMaintenance(object message) =>
        message is DeleteSegment or TruncateBefore or CompressSegment or ArchiveSegment;

    /// <summary>Whether it adds records.</summary>
    internal static bool IsAppend(object message) => message is Append or AppendBatch;

    /// <summary>The offset that an append expects; null where it takes any, and for anything else.</summary>
    internal static long? ExpectedOffsetOf(object message) => message switch
    {
        Append append => append.ExpectedOffset,
        AppendBatch batch => batch.ExpectedOffset,
        _ => null,
    };

    /// <summary>The frames that an append will take; 0 for anything else.</summary>
    internal static long FrameBytesOf(object message) => message switch
    {
        Append append => Frame.SizeOf(append.Payload.Length),
        AppendBatch { Payloads: { } payloads } => BatchLimits.SizeOf(payloads),
        _ => 0,
    };

    /// <summary>
    /// What a message counts as pending: what an append takes in mailbox and commit; 0 for anything else.
    /// </summary>
    internal static long PendingBytesOf(object message) =>
        IsAppend(message) ? FrameBytesOf(message) + WalSettings.PendingBytesPerRequest : 0;
}
