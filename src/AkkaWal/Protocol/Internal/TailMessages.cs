using Akka.Actor;
using AkkaWal.Storage;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Segment to manager: subtract these bytes from the count of pending bytes, since their appends were answered.
/// </summary>
internal sealed record Credit(long Bytes) : InternalMessage;

/// <summary>Manager to the active segment: a question whose answer depends on the log's end.</summary>
/// <param name="Request">
/// A <see cref="GetLogInfo"/>, a <see cref="GetSegments"/>, or a read of an offset that the log does not hold.
/// </param>
/// <param name="Asker">The actor that gets the reply.</param>
internal sealed record DescribeTail(LogRequest Request, IActorRef Asker) : OwedMessage(Asker, Request.RequestId);

/// <summary>The active segment's answer. The manager makes the reply from it.</summary>
/// <param name="Request">As in the question.</param>
/// <param name="Asker">The actor that gets the reply.</param>
/// <param name="Tail">The active segment.</param>
internal sealed record TailDescribed(LogRequest Request, IActorRef Asker, TailDescription Tail)
    : OwedMessage(Asker, Request.RequestId);

/// <summary>The active segment at some moment.</summary>
/// <param name="segment">Its offsets and sizes.</param>
/// <param name="isFullyDurable">Whether all of its records are on the disk.</param>
/// <param name="latched">The failure because of which it takes no appends; null if it takes them.</param>
internal sealed class TailDescription(SegmentInfo segment, bool isFullyDurable, Exception? latched)
{
    internal SegmentInfo Segment => segment;

    internal bool IsFullyDurable => isFullyDurable;

    internal Exception? Latched => latched;

    /// <summary>The offset that the next record gets.</summary>
    internal long NextOffset => segment.EndOffset + 1;
}
