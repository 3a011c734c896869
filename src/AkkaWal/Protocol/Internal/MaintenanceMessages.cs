using Akka.Actor;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;

namespace AkkaWal.Protocol.Internal;

/// <summary>
/// Manager to the active segment, which answers with <see cref="TicketPassed"/>. In this way an operation on sealed
/// segments comes after everything that its sender sent before. If the active segment can't answer, the reply is
/// <see cref="TicketRefused"/>.
/// </summary>
/// <param name="Ticket">The operation's number in the maintenance queue.</param>
/// <param name="Asker">The manager.</param>
internal sealed record PassTicket(long Ticket, IActorRef Asker) : OwedMessage(Asker, Ticket)
{
    internal override void Refuse(RequestFailed refusal, IActorRef self) =>
        Asker.Tell(new TicketRefused(Ticket, refusal.Kind, refusal.Reason), self);
}

/// <summary>Active segment to manager: all messages sent before the ticket have been received.</summary>
/// <param name="Ticket">The operation's number.</param>
/// <param name="Tail">The active segment when it received the ticket.</param>
internal sealed record TicketPassed(long Ticket, TailDescription Tail) : InternalMessage;

/// <summary>To the manager: the active segment could not take the ticket.</summary>
/// <param name="Ticket">The operation's number.</param>
/// <param name="Kind">What the operation's asker may conclude.</param>
/// <param name="Reason">The reason, for operators.</param>
internal sealed record TicketRefused(long Ticket, FailureKind Kind, string Reason) : InternalMessage;

/// <summary>
/// Manager to the maintenance actor: do this work -> <see cref="WorkDone"/> or <see cref="WorkNotDone"/>. One at a
/// time.
/// </summary>
/// <param name="Before">The MANIFEST without this work: the catalog when the message is sent.</param>
internal abstract record MaintenanceWork(Manifest Before) : InternalMessage
{
    /// <summary>The name of the work in messages such as "... failed".</summary>
    internal abstract string Title { get; }
}

/// <summary>
/// To the manager: the log is about to be closed. A compression or an archiving that is under way is given up, and no
/// other one is carried out.
/// </summary>
internal sealed record EndMaintenance : InternalMessage;

/// <summary>Save the MANIFEST. No request waits for it.</summary>
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

/// <summary>Remove files that an interrupted operation left in the archive.</summary>
internal sealed record CleanArchive(Manifest Before) : MaintenanceWork(Before)
{
    internal override string Title => "removing from the archive what an interrupted operation left there";
}

/// <summary>Maintenance actor to manager: the work is done, and the MANIFEST says so.</summary>
/// <param name="Work">The message that asked for the work.</param>
internal sealed record WorkDone(MaintenanceWork Work) : InternalMessage
{
    /// <summary>The bytes of the deleted segments' records.</summary>
    internal long BytesFreed { get; init; }

    /// <summary>The segment after the work.</summary>
    internal SealedSegment? Changed { get; init; }

    /// <summary>Where the segment is now, for operators.</summary>
    internal string ArchivedTo { get; init; } = "";

    /// <summary>Why files could not be removed; null if they were. The next opening tries again.</summary>
    internal WalException? LeftBehind { get; init; }
}

/// <summary>Maintenance actor to manager: the work failed.</summary>
/// <param name="Work">The message that asked for the work.</param>
/// <param name="Kind">Whether the work may have happened.</param>
/// <param name="Reason">The reason, for operators.</param>
/// <param name="IsDamage">Whether a file is damaged, so that another try would fail as well.</param>
internal sealed record WorkNotDone(MaintenanceWork Work, FailureKind Kind, string Reason, bool IsDamage = false)
    : InternalMessage
{
    /// <summary>Whether the failure was too many open files.</summary>
    internal bool LacksDescriptors { get; init; }
}
