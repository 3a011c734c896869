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
/// What of a segment's actor outlives its restarts. Touched by that actor alone, and by its manager when it is gone.
/// </summary>
internal sealed class SegmentMemory(long baseOffset, TailState tail, IndexBudget indexBudget, TailSurvey? survey = null)
{
    private TailSurvey? _survey = survey;

    internal long BaseOffset => baseOffset;

    /// <summary>What the log's tail had in a life of the manager before too.</summary>
    internal TailState Tail => tail;

    /// <summary>What all sealed segments' indexes may take together.</summary>
    internal IndexBudget IndexBudget => indexBudget;

    /// <summary>
    /// The writer of this life, or, until the next one looks at it, of the life before: a failure that is latched stays
    /// so until the log is opened anew, whatever becomes of the actor. A restart that recovered would take appends
    /// again on a disk that has failed.
    /// </summary>
    internal SegmentWriter? Writer { get; set; }

    /// <summary>Why a recovery of a life before failed, where that may not be tried again; null otherwise.</summary>
    internal string? Refusal { get; set; }

    /// <summary>What the log's opening saw of the segment, for the first recovery alone; null from then on.</summary>
    internal TailSurvey? TakeSurvey()
    {
        var survey = _survey;
        _survey = null;
        return survey;
    }

    /// <summary>Crashes since the last commit that succeeded.</summary>
    internal int CrashCount { get; set; }

    /// <summary>What could not be begun yet, in order: it waits for a commit to end or for the roll.</summary>
    internal Queue<(ILogMessage Message, IActorRef Sender)> Held { get; } = [];

    /// <summary>What was held and is being answered: a crash in the middle answers it all the same.</summary>
    internal (ILogMessage Message, IActorRef Sender)? InHand { get; set; }

    /// <summary>
    /// Answers what its actor left unanswered, and closes its file. An actor that crashed and is stopped before its
    /// next life began has nobody who could. To be called when it is gone.
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

    /// <summary>Closes the writer's file; nothing where there is none.</summary>
    internal void CloseWriter()
    {
        Writer?.Dispose();
        Writer = null;
    }

    /// <summary>Set once the segment is sealed on disk.</summary>
    internal SealedSegment? Sealed { get; set; }

    /// <summary>Set once what was held is with the successor: it only reads from then on.</summary>
    internal bool IsHandedOver { get; set; }

    /// <summary>Set once it is to stop as soon as what it was asked is answered.</summary>
    internal bool IsLeaving { get; set; }
}
