using Akka.Actor;
using AkkaWal.Storage;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Segment to manager: so many bytes of appends that the manager counted as pending have been answered.
/// </summary>
internal sealed record Credit(long Bytes) : InternalMessage;

/// <summary>Manager to the active segment: a question that needs to know the end of the log.</summary>
/// <param name="Request">
/// <see cref="GetLogInfo"/>, <see cref="GetSegments"/>, or a read of what the log does not hold.
/// </param>
/// <param name="Asker">Who gets the reply.</param>
internal sealed record DescribeTail(LogRequest Request, IActorRef Asker) : OwedMessage(Asker, Request.RequestId);

/// <summary>The active segment's answer, from which the manager makes the asker's.</summary>
/// <param name="Request">As in the question.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="Tail">The active segment.</param>
internal sealed record TailDescribed(LogRequest Request, IActorRef Asker, TailDescription Tail)
    : OwedMessage(Asker, Request.RequestId);

/// <summary>The active segment at some moment.</summary>
/// <param name="segment">Its offsets and sizes.</param>
/// <param name="isFullyDurable">Whether all of it is on the disk.</param>
/// <param name="readOnlyReason">Why it takes no appends; "" where it does.</param>
internal sealed class TailDescription(SegmentInfo segment, bool isFullyDurable, string readOnlyReason)
{
    internal SegmentInfo Segment => segment;

    internal bool IsFullyDurable => isFullyDurable;

    internal string ReadOnlyReason => readOnlyReason;

    /// <summary>The offset that the next record gets.</summary>
    internal long NextOffset => segment.EndOffset + 1;
}
