using Akka.Actor;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Manager to the active segment, which answers with <see cref="TicketPassed"/>: so an operation on sealed segments
/// comes behind what its sender told before. Where the segment can't answer, whoever holds it answers
/// <see cref="TicketRefused"/>.
/// </summary>
/// <param name="Ticket">The operation's number in the maintenance queue.</param>
/// <param name="Asker">The manager.</param>
internal sealed record PassTicket(long Ticket, IActorRef Asker) : OwedMessage(Asker, Ticket)
{
    internal override void Refuse(RequestFailed refusal, IActorRef self) =>
        Asker.Tell(new TicketRefused(Ticket, refusal.Reason), self);
}

/// <summary>Active segment to manager: everything that was told before the ticket has its place.</summary>
/// <param name="Ticket">The operation's number.</param>
/// <param name="Tail">The active segment as the ticket passed it.</param>
internal sealed record TicketPassed(long Ticket, TailDescription Tail) : InternalMessage;

/// <summary>To the manager: the active segment could not take the ticket.</summary>
/// <param name="Ticket">The operation's number.</param>
/// <param name="Reason">For people.</param>
internal sealed record TicketRefused(long Ticket, string Reason) : InternalMessage;

/// <summary>
/// Manager to maintenance: do this -> <see cref="WorkDone"/> or <see cref="WorkNotDone"/>. One at a time.
/// </summary>
/// <param name="Before">
/// What the MANIFEST is to say but for this work: the catalog as it is when the work is told.
/// </param>
internal abstract record MaintenanceWork(Manifest Before) : InternalMessage
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
internal sealed record CleanArchive(Manifest Before) : MaintenanceWork(Before)
{
    internal override string Title => "removing from the archive what an interrupted operation left there";
}

/// <summary>Maintenance to manager: it is done, and the MANIFEST says so.</summary>
/// <param name="Work">What was told.</param>
internal sealed record WorkDone(MaintenanceWork Work) : InternalMessage
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
internal sealed record WorkNotDone(MaintenanceWork Work, FailureKind Kind, string Reason, bool IsDamage = false)
    : InternalMessage
{
    /// <summary>Whether it met too many open files.</summary>
    internal bool LacksDescriptors { get; init; }
}
