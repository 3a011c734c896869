using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;

namespace AkkaWal.Manager.Maintenance;

/// <summary>An operation, or a question that waits for its turn.</summary>
internal sealed class MaintenanceJob(IOwedMessage? message, IActorRef asker)
{
    private bool _hasEnded;

    /// <summary>Null where it is upkeep that nobody asked for.</summary>
    internal IOwedMessage? Message => message;

    internal IActorRef Asker => asker;

    /// <summary>Whether it is an operation of the manager's own: nobody is answered.</summary>
    internal bool IsOwn { get; init; }

    /// <summary>0 where it needs none.</summary>
    internal long Ticket { get; init; }

    internal bool IsReady { get; set; }

    /// <summary>What the ticket brought back.</summary>
    internal TailDescription? Tail { get; set; }

    internal string Refusal { get; set; } = "";

    /// <summary>
    /// Whether it is to be answered now: once, also where a crash comes between its answer and what follows that.
    /// </summary>
    internal bool TryEnd() => !_hasEnded && (_hasEnded = true);

    internal bool IsOperation => message is IMaintenanceRequest;

    internal bool IsOperationOf(IActorRef other) => IsOperation && asker.Equals(other);

    internal bool Deletes(long offset, LogDirectory directory) => message switch
    {
        // Of a segment that is not sealed yet the end is not known.
        DeleteSegment deletion => (directory.FindSealed(offset)?.BaseOffset ?? directory.ActiveBase) is var baseOffset
            && SegmentName.Log(baseOffset) == deletion.File && offset >= baseOffset,
        TruncateBefore truncation => offset < truncation.Offset,
        _ => false,
    };
}

/// <summary>An operation of the manager's own that has ended.</summary>
/// <param name="Request">What was to be done.</param>
/// <param name="End">How it ended.</param>
/// <param name="Reason">Why it is not done; "" where it is.</param>
internal readonly record struct EndedOperation(LogRequest Request, MaintenanceEnd End, string Reason);

/// <summary>How an operation ended.</summary>
internal enum MaintenanceEnd
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It is not done, and may be another time.</summary>
    NotDone,

    /// <summary>It is not done, and will not be while the segment is as it is.</summary>
    Hopeless,
}
