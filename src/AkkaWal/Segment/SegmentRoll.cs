using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Segment;

/// <summary>
/// The roll of one segment: whether it is under way, and which request asked for it if the segment was not full.
/// </summary>
internal sealed class SegmentRoll(SegmentContext context)
{
    private (SealActiveSegment Request, IActorRef Asker)? _asked;
    private bool _hasAskedForDescriptors;

    /// <summary>
    /// True from the moment when the segment is full, or is told to seal, until it has a successor or the seal failed.
    /// </summary>
    internal bool IsUnderWay { get; private set; }

    internal void Begin() => IsUnderWay = true;

    /// <summary>A request asks for the roll. One of the methods below answers it.</summary>
    internal void Ask(SealActiveSegment request, IActorRef asker) => _asked = (request, asker);

    internal bool IsAskedBy(ILogMessage message) => ReferenceEquals(message, _asked?.Request);

    /// <summary>
    /// If the seal failed because of too many open files: has the manager close segments that are open for reading, so
    /// that the seal is tried once more. False if it failed for another reason, or was tried once more already.
    /// </summary>
    internal bool TryAskForDescriptors(WalException cause)
    {
        if (_hasAskedForDescriptors || cause is not WalLackException { Cause: WalIOCause.NoDescriptors }) return false;
        _hasAskedForDescriptors = true;
        context.TellManager(new FreeDescriptors());
        return true;
    }

    /// <summary>The segment is sealed.</summary>
    internal void AnswerSealed(SealedSegment segment)
    {
        if (_asked is not var (request, asker)) return;
        var successor = SegmentName.Log(segment.NextOffset);
        asker.Tell(new SegmentSealed(segment.Info.File, successor, request.RequestId), context.Self);
        _asked = null;
    }

    /// <summary>The segment is not sealed, or it is not known whether it is.</summary>
    internal void Fail(FailureKind kind, string reason)
    {
        if (_asked is not var (request, asker)) return;
        context.Metrics.Refused(kind);
        asker.Tell(new RequestFailed(kind, reason, request.RequestId), context.Self);
        _asked = null;
    }

    /// <summary>The segment stays the active one.</summary>
    internal void End(FailureKind kind, string reason)
    {
        (IsUnderWay, _hasAskedForDescriptors) = (false, false);
        Fail(kind, reason);
    }
}
