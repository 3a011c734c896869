using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Answers;

/// <summary>What every holder of a request must know of it.</summary>
internal static class Requests
{
    /// <summary>
    /// Answers a request, wherever it is on its way, that it was not carried out; nothing where nobody asked.
    /// </summary>
    /// <param name="message">Whatever an actor was told.</param>
    /// <param name="sender">The message's sender.</param>
    /// <param name="kind">What its asker may conclude.</param>
    /// <param name="reason">For people.</param>
    /// <param name="self">Who answers.</param>
    /// <param name="metrics">The log's.</param>
    internal static void Refuse(
        object message, IActorRef sender, FailureKind kind, string reason, IActorRef self, LogMetrics metrics)
    {
        if (message is not IOwedMessage owed) return;
        var asker = owed.AskerOr(sender);
        if (asker.IsNobody()) return;
        metrics.Refused(kind);
        owed.Refuse(new RequestFailed(kind, reason, owed.RequestId), asker, self);
    }

    /// <summary>
    /// What a message counts as pending: what an append takes in mailbox and commit; 0 for anything else.
    /// </summary>
    internal static long PendingBytesOf(object message) =>
        message is IAppend append ? append.FrameBytes + WalSettings.PendingBytesPerRequest : 0;
}
