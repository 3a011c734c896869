using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Segments;

/// <summary>An operation, or a question that waits for its turn.</summary>
internal sealed class MaintenanceJob(object message, IActorRef asker)
{
    internal object Message => message;

    internal IActorRef Asker => asker;

    /// <summary>0 where it needs none.</summary>
    internal long Ticket { get; init; }

    internal bool IsReady { get; set; }

    /// <summary>What the ticket brought back.</summary>
    internal TailDescribed? Tail { get; set; }

    internal string Refusal { get; set; } = "";

    internal bool IsOperation => Requests.IsMaintenance(message);

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
