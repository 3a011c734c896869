using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Segment;

/// <summary>The roll of one segment: whether it is under way, and who asked for it where it was not full.</summary>
internal sealed class SegmentRoll(SegmentContext context)
{
    private (SealActiveSegment Request, IActorRef Asker)? _asked;
    private bool _hasAskedForDescriptors;

    /// <summary>
    /// From the moment when the segment is full, or told to seal, until it has a successor or could not be sealed.
    /// </summary>
    internal bool IsUnderWay { get; private set; }

    internal void Begin() => IsUnderWay = true;

    /// <summary>Somebody asks for it, and is answered by one of the methods below.</summary>
    internal void Ask(SealActiveSegment request, IActorRef asker) => _asked = (request, asker);

    internal bool IsAskedBy(ILogMessage message) => ReferenceEquals(message, _asked?.Request);

    /// <summary>
    /// Has segments that are open for reading let go where the seal met too many open files, so that it is tried once
    /// more; false where that is not why it failed, or it was tried before.
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
