using Akka.Actor;
using AkkaWal.Storage.Format;

namespace AkkaWal.Segments;

/// <summary>What of a segment's actor outlives its restarts. Touched by that actor alone.</summary>
internal sealed class SegmentCell(long baseOffset, long maxSegmentBytes)
{
    internal long BaseOffset => baseOffset;

    /// <summary>The limit in force: the last one that the actor was told.</summary>
    internal long MaxSegmentBytes { get; set; } = maxSegmentBytes;

    /// <summary>Crashes since the last commit that succeeded.</summary>
    internal int CrashCount { get; set; }

    /// <summary>What could not be begun yet, in order: it waits for a commit to end or for the roll.</summary>
    internal Queue<(object Message, IActorRef Sender)> Held { get; } = [];

    /// <summary>Set once the segment is sealed on disk.</summary>
    internal SealedSegment? Sealed { get; set; }

    /// <summary>Set once what was held is with the successor: it only reads from then on.</summary>
    internal bool IsHandedOver { get; set; }
}
