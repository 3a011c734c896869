using Akka.Actor;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol.Internal;

// What a LogManager, its sealed segments' actors and its Maintenance actor tell each other about operations on sealed segments.

/// <summary>Goes to the active segment as a question and back, so that an operation comes behind what its sender told before.</summary>
/// <param name="RequestId">Not the sender's: the desk's ticket.</param>
internal sealed record MaintenanceTicket(long RequestId) : LogRequest(RequestId), IInternalMessage;

/// <summary>Manager to maintenance: do this -> <see cref="WorkDone"/> or <see cref="WorkNotDone"/>. One at a time.</summary>
/// <param name="Before">What the MANIFEST is to say but for this work: the catalog as it is when the work is told.</param>
internal abstract record MaintenanceWork(Manifest Before) : IInternalMessage
{
    /// <summary>What it is, for people: "... failed".</summary>
    internal abstract string Title { get; }
}

/// <summary>Save the MANIFEST; nobody waits for it.</summary>
internal sealed record SaveManifest(Manifest Before) : MaintenanceWork(Before)
{
    internal override string Title => "writing the MANIFEST";
}

/// <summary>Delete these segments, all or none.</summary>
internal sealed record DeleteSegments(Manifest Before, IReadOnlyList<SealedSegment> Segments) : MaintenanceWork(Before)
{
    internal override string Title => Segments.Count == 1
        ? $"deleting {Segments[0].Info.File}"
        : $"deleting {Segments.Count} segments from {Segments[0].Info.File} to {Segments[^1].Info.File}";
}

/// <summary>Compress this segment.</summary>
internal sealed record CompressOne(Manifest Before, SealedSegment Segment) : MaintenanceWork(Before)
{
    internal override string Title => $"compressing {Segment.Info.File}";
}

/// <summary>Move this segment to the archive.</summary>
internal sealed record ArchiveOne(Manifest Before, SealedSegment Segment) : MaintenanceWork(Before)
{
    internal override string Title => $"archiving {Segment.Info.File}";
}

/// <summary>Remove from the archive what an operation that was interrupted left there.</summary>
internal sealed record SettleArchive(Manifest Before) : MaintenanceWork(Before)
{
    internal override string Title => "removing from the archive what an interrupted operation left there";
}

/// <summary>Maintenance to manager: it is done, and the MANIFEST says so.</summary>
/// <param name="Work">What was told.</param>
internal sealed record WorkDone(MaintenanceWork Work) : IInternalMessage
{
    /// <summary>What the records of deleted segments took.</summary>
    internal long BytesFreed { get; init; }

    /// <summary>The segment as it is now.</summary>
    internal SealedSegment? Changed { get; init; }

    /// <summary>Where it is now, for people.</summary>
    internal string ArchivedTo { get; init; } = "";

    /// <summary>Why something could not be cleaned up; the next opening tries again. Null where all is.</summary>
    internal WalException? LeftBehind { get; init; }
}

/// <summary>Maintenance to manager: it failed.</summary>
/// <param name="Work">What was told.</param>
/// <param name="Kind">Whether it can have happened.</param>
/// <param name="Reason">For people.</param>
/// <param name="IsDamage">Whether a file is not as it must be, so that another try will fail as well.</param>
internal sealed record WorkNotDone(MaintenanceWork Work, FailureKind Kind, string Reason, bool IsDamage = false) : IInternalMessage
{
    /// <summary>Whether it met too many open files.</summary>
    internal bool LacksDescriptors { get; init; }
}

/// <summary>
/// To a manager: descriptors ran out, so let go of segments that are open for reading. From a segment of its own, which is answered by
/// <see cref="DescriptorsFreed"/> when some are closed or none can be; or from the manager of another log.
/// </summary>
internal sealed record FreeDescriptors : IInternalMessage;

/// <summary>Manager to a segment: what could be closed is, so it may try again.</summary>
internal sealed record DescriptorsFreed : IInternalMessage;

/// <summary>Manager to a sealed segment: answer <see cref="ReadsDrained"/> when what came before this is answered.</summary>
internal sealed record DrainReads : IInternalMessage;

/// <summary>Sealed segment to manager.</summary>
internal sealed record ReadsDrained : IInternalMessage;

/// <summary>Manager to a sealed segment, which it asks for nothing more: stop when what came before this is answered.</summary>
internal sealed record Leave : IInternalMessage;

/// <summary>Sealed segment to manager: a query that it can't answer since it can't open its file.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Known">The segment as the actor knows it.</param>
/// <param name="Cause">Why.</param>
internal sealed record SegmentNotOpened(object Query, IActorRef Asker, long RequestId, SealedSegment Known, WalException Cause) : IOwedReply
{
    /// <summary>Whether it was a <see cref="SecondTry"/>.</summary>
    internal bool IsSecondTry { get; init; }
}

/// <summary>Manager to a sealed segment: a query whose segment could not be opened for want of descriptors, some of which were freed.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Asker">Who gets the reply.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record SecondTry(object Query, IActorRef Asker, long RequestId) : IOwedReply;
