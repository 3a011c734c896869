using Akka.Actor;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol.Internal;

/// <summary>Active segment to manager: the segment is sealed on disk, and its successor's files exist.</summary>
/// <param name="Sealed">The sealed segment.</param>
internal sealed record SegmentIsSealed(SealedSegment Sealed) : InternalMessage;

/// <summary>
/// Manager to the active segment, after the last append that it sends there: forward the held requests to this
/// successor.
/// </summary>
internal sealed record SuccessorIs(IActorRef Successor) : InternalMessage;

/// <summary>Sealed segment to manager: all held requests were forwarded to the successor.</summary>
internal sealed record Drained(long BaseOffset) : InternalMessage;
