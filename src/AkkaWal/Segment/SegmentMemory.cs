using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Segment.Commit;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Segment;

/// <summary>
/// What survives the restarts of a segment's actor. Used by that actor alone, and by the manager once the actor has
/// stopped.
/// </summary>
internal sealed class SegmentMemory(long baseOffset, TailState tail, IndexBudget indexBudget, TailSurvey? survey = null)
{
    private TailSurvey? _survey = survey;

    internal long BaseOffset => baseOffset;

    /// <summary>What survives the manager's restarts, too.</summary>
    internal TailState Tail => tail;

    /// <summary>The memory limit of all sealed segments' indexes together.</summary>
    internal IndexBudget IndexBudget => indexBudget;

    /// <summary>
    /// The segment's writer. After a crash it is the writer of the actor before the restart, until the next start has
    /// looked at it: a latched failure stays latched until the log is opened anew. Without it a restart would recover
    /// and take appends on a disk that has failed.
    /// </summary>
    internal SegmentWriter? Writer { get; set; }

    /// <summary>Why an earlier recovery failed, if it may not be tried again; otherwise null.</summary>
    internal (FailureKind Kind, string Reason)? Refusal { get; set; }

    /// <summary>
    /// What the opening of the log found in the segment, for the first recovery only; null afterwards.
    /// </summary>
    internal TailSurvey? RemoveSurvey()
    {
        var survey = _survey;
        _survey = null;
        return survey;
    }

    /// <summary>Crashes since the last commit that succeeded.</summary>
    internal int CrashCount { get; set; }

    /// <summary>Requests that were not begun yet, in order. They wait for a commit or for the roll.</summary>
    internal Queue<(ILogMessage Message, IActorRef Sender)> Held { get; } = [];

    /// <summary>The held request that is being handled. A crash while it is handled answers it.</summary>
    internal (ILogMessage Message, IActorRef Sender)? InHand { get; set; }

    /// <summary>
    /// Answers the requests that the actor left unanswered, and closes its file. An actor that crashed and is stopped
    /// before its restart can't do that itself. Call it when the actor has stopped.
    /// </summary>
    /// <returns>The pending bytes that were answered.</returns>
    internal long Abandon()
    {
        if (InHand is { } begun) Held.Enqueue(begun);
        InHand = null;
        var answeredBytes = 0L;
        while (Held.TryDequeue(out var next))
        {
            const string Why = "the segment's actor was stopped";
            Requests.Refuse(next.Message, next.Sender, FailureKind.Unavailable, Why, ActorRefs.Nobody, tail.Metrics);
            answeredBytes += Requests.PendingBytesOf(next.Message);
        }
        CloseWriter();
        return answeredBytes;
    }

    /// <summary>Closes the writer's file, if there is one.</summary>
    internal void CloseWriter()
    {
        Writer?.Dispose();
        Writer = null;
    }

    /// <summary>Set once the segment is sealed on disk.</summary>
    internal SealedSegment? Sealed { get; set; }

    /// <summary>
    /// Set once the held requests were forwarded to the successor. The actor only serves reads from then on.
    /// </summary>
    internal bool IsHandedOver { get; set; }

    /// <summary>Set once the actor is to stop when it has answered what it has.</summary>
    internal bool IsLeaving { get; set; }
}
