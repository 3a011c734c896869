using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Answers;

/// <summary>How to refuse any message, and how many pending bytes it counts.</summary>
internal static class Requests
{
    /// <summary>
    /// Answers that the request behind a message was not carried out. Does nothing if the message needs no reply.
    /// </summary>
    /// <param name="message">Any message to an actor of the log.</param>
    /// <param name="sender">The message's sender.</param>
    /// <param name="kind">The kind of failure in the reply.</param>
    /// <param name="reason">The reason, for operators.</param>
    /// <param name="self">The sender of the replies.</param>
    /// <param name="metrics">The log's.</param>
    internal static void Refuse(
        ILogMessage message, IActorRef sender, FailureKind kind, string reason, IActorRef self, LogMetrics metrics)
    {
        if (message is not IOwedMessage owed) return;
        var asker = owed.AskerOr(sender);
        if (asker.IsNobody()) return;
        metrics.Refused(kind);
        owed.Refuse(new RequestFailed(kind, reason, owed.RequestId), asker, self);
    }

    /// <summary>
    /// As <see cref="Refuse"/>, for an actor below the manager: also subtracts the message's pending bytes from the
    /// manager's count.
    /// </summary>
    internal static void RefuseAndCredit(
        ILogMessage message, IActorRef sender, FailureKind kind, string reason, IActorRef manager, IActorRef self,
        LogMetrics metrics)
    {
        Refuse(message, sender, kind, reason, self, metrics);
        Credit(PendingBytesOf(message), manager, self);
    }

    /// <summary>Subtracts pending bytes from the manager's count, if there are any.</summary>
    internal static void Credit(long bytes, IActorRef manager, IActorRef self)
    {
        if (bytes > 0) manager.Tell(new Credit(bytes), self);
    }

    /// <summary>
    /// The pending bytes of a message: for an append, about what it takes in the mailbox and the commit; 0 for anything
    /// else.
    /// </summary>
    internal static long PendingBytesOf(ILogMessage message) =>
        message is IAppend append ? append.FrameBytes + WalSettings.PendingBytesPerRequest : 0;
}
