using Akka.Actor;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol.Internal;

/// <summary>Active segment to manager: it is sealed on disk and its successor's files exist.</summary>
/// <param name="Sealed">What it has become.</param>
internal sealed record SegmentIsSealed(SealedSegment Sealed) : InternalMessage;

/// <summary>
/// Manager to the active segment, behind the last append it gets: forward what you hold back to this one.
/// </summary>
internal sealed record SuccessorIs(IActorRef Successor) : InternalMessage;

/// <summary>Sealed segment to manager: everything it held back is with the successor.</summary>
internal sealed record Drained(long BaseOffset) : InternalMessage;
