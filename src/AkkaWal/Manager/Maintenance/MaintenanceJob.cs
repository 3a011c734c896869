using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;

namespace AkkaWal.Manager.Maintenance;

/// <summary>An operation on sealed segments, or a question that waits for its turn among them.</summary>
internal sealed class MaintenanceJob(IOwedMessage? message, IActorRef asker)
{
    private bool _hasEnded;

    /// <summary>The request; null for upkeep that no request asked for.</summary>
    internal IOwedMessage? Message => message;

    internal IActorRef Asker => asker;

    /// <summary>Whether it is the manager's own operation. It gets no reply.</summary>
    internal bool IsOwn { get; init; }

    /// <summary>The number of its ticket; 0 if it needs none.</summary>
    internal long Ticket { get; init; }

    internal bool IsReady { get; set; }

    /// <summary>The active segment when it received the ticket.</summary>
    internal TailDescription? Tail { get; set; }

    /// <summary>Why the active segment could not take the ticket; null if it could.</summary>
    internal TicketRefused? Refusal { get; set; }

    /// <summary>
    /// True at the first call only, so that the job is answered once, also after a crash behind its answer.
    /// </summary>
    internal bool TryEnd() => !_hasEnded && (_hasEnded = true);

    internal bool IsOperation => message is IMaintenanceRequest;

    internal bool IsOperationOf(IActorRef other) => IsOperation && asker.Equals(other);

    internal bool Deletes(long offset, LogDirectory directory) => message switch
    {
        // The end of a segment that is not sealed yet is unknown.
        DeleteSegment deletion => (directory.FindSealed(offset)?.BaseOffset ?? directory.ActiveBase) is var baseOffset
            && SegmentName.Log(baseOffset) == deletion.File && offset >= baseOffset,
        TruncateBefore truncation => offset < truncation.Offset,
        _ => false,
    };
}

/// <summary>The result of one of the manager's own operations.</summary>
/// <param name="Request">The operation.</param>
/// <param name="End">How it ended.</param>
/// <param name="Reason">Why it was not done; "" if it was.</param>
internal readonly record struct EndedOperation(LogRequest Request, MaintenanceEnd End, string Reason);

/// <summary>How an operation ended.</summary>
internal enum MaintenanceEnd
{
    /// <summary>The operation was done, or there was nothing to do.</summary>
    Done,

    /// <summary>The operation failed. A later try may succeed.</summary>
    NotDone,

    /// <summary>The operation failed, and each further try on this segment will fail as well.</summary>
    Hopeless,
}
