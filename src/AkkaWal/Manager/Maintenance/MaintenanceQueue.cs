using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;
using Debug = System.Diagnostics.Debug;
using UnreachableException = System.Diagnostics.UnreachableException;

namespace AkkaWal.Manager.Maintenance;

/// <summary>
/// The queue of operations on sealed segments. They run one after another, and each gets exactly one reply. The queue
/// makes no callbacks: after each call the manager polls <see cref="TryDequeueEnded"/> and <see cref="TryAdvance"/>
/// until both return false. Only <see cref="TryAdvance"/> begins the next operation.
/// <code>
///   queued, until its ticket has been through the tail
///     checked against the catalog           -> refused where it can't be
///     deletions: reads drained
///     the MaintenanceActor does it          -> refused; or unknown, and then nothing more is begun
///     catalog, readers, reply; then the next
/// </code>
/// A sender's question waits here if an earlier operation of the same sender can change the answer. Questions of other
/// senders do not wait. Owned by the manager.
/// </summary>
/// <param name="directory">The catalog.</param>
/// <param name="floors">The floors of consumers.</param>
/// <param name="readers">The actors of sealed segments.</param>
/// <param name="context">The manager's context.</param>
/// <param name="worker">The <see cref="MaintenanceActor"/>.</param>
internal sealed class MaintenanceQueue(
    LogDirectory directory, Floors floors, SealedSegmentActors readers, ManagerContext context, IActorRef worker)
{
    /// <summary>
    /// The most operations and questions that may wait. More are refused. It is larger than a node's window of
    /// requests.
    /// </summary>
    internal const int MaxWaiting = 8192;

    // One counter for all queues, so that a ticket from before a restart of the manager matches no job.
    private static long _lastTicket;

    private readonly Queue<MaintenanceJob> _waiting = [];
    private readonly Dictionary<long, MaintenanceJob> _ticketed = [];
    private readonly Queue<MaintenanceJob> _followers = [];
    private readonly Queue<EndedOperation> _ended = [];
    private readonly HashSet<IActorRef> _undrained = [];
    private MaintenanceJob? _job, _givenOut;
    private Func<Manifest, MaintenanceWork>? _toBegin;
    private MaintenanceWork? _work;
    private string? _latched;
    private bool _isManifestDue;
    private bool _isArchiveUnsettled = directory is { HasArchiveMarks: true, SegmentFiles.Options.Archive: not null };

    /// <summary>Whether the MANIFEST may be ahead of the catalog.</summary>
    internal bool IsManifestAhead => _latched is not null || _work is not null;

    private bool IsIdle => _job is null && _waiting.Count == 0;

    private IActorRef Self => context.Self;

    /// <summary>
    /// Adds an operation, or a question whose answer an earlier operation of its asker can change. It has to wait until
    /// its ticket has passed through the active segment, behind everything that the asker sent before (a roll, for
    /// instance).
    /// </summary>
    /// <returns>The ticket; null if the queue is full, and then the request has been answered.</returns>
    internal long? Enqueue(LogRequest request, IActorRef asker)
    {
        var job = new MaintenanceJob(request, asker) { Ticket = Interlocked.Increment(ref _lastTicket) };
        if (!TryEnqueue(job)) return null;
        _ticketed[job.Ticket] = job;
        return job.Ticket;
    }

    /// <summary>Adds one of the manager's own operations. <see cref="TryDequeueEnded"/> returns its result.</summary>
    internal void EnqueueOwn(LogRequest request) =>
        TryEnqueue(new MaintenanceJob(request, ActorRefs.Nobody) { IsReady = true, IsOwn = true });

    /// <summary>The ticket of an operation came back.</summary>
    internal void NoteTicket(TicketPassed passed)
    {
        if (_ticketed.Remove(passed.Ticket, out var found)) (found.IsReady, found.Tail) = (true, passed.Tail);
    }

    /// <summary>The active segment could not take an operation's ticket.</summary>
    internal void NoteTicket(TicketRefused refused)
    {
        if (_ticketed.Remove(refused.Ticket, out var found)) (found.IsReady, found.Refusal) = (true, refused);
    }

    /// <summary>Adds a query of a sealed segment behind the operations that wait.</summary>
    internal void EnqueueQuery(IRecordQuery query, IActorRef asker) =>
        TryEnqueue(new MaintenanceJob(query, asker) { IsReady = true });

    /// <summary>Adds a question that waits for the current operation only.</summary>
    internal void EnqueueBehindCurrent(IOwedMessage question, IActorRef asker)
    {
        Debug.Assert(_job is not null, "somebody waits for an operation that is under way");
        _followers.Enqueue(new MaintenanceJob(question, asker));
    }

    /// <summary>Has the MANIFEST written when no operation is under way.</summary>
    internal void NoteManifestDue() => _isManifestDue = true;

    /// <summary>Removes and returns the next result of the manager's own operations.</summary>
    internal bool TryDequeueEnded(out EndedOperation ended) => _ended.TryDequeue(out ended);

    /// <summary>
    /// Begins the next operation that can begin, or returns a question whose turn has come. The question must be
    /// answered before the next call. If the actor crashes meanwhile, <see cref="RefuseAll"/> refuses it.
    /// </summary>
    /// <returns>Whether there is a question, so that the method must be called again.</returns>
    internal bool TryAdvance([NotNullWhen(true)] out MaintenanceJob? question)
    {
        _givenOut = null;
        // If no operation is under way, the questions that waited for the last one come first.
        if (_job is not null || !_followers.TryDequeue(out _givenOut))
        {
            if (IsQuestionDue()) _givenOut = _waiting.Dequeue();
            else BeginUpkeep();
        }
        question = _givenOut;
        return question is not null;
    }

    /// <summary>Whether a question about the whole log must wait for operations of its asker.</summary>
    internal bool MustWait(IActorRef asker) => !IsIdle && HasOperationOf(asker);

    /// <summary>Whether a question about an offset must wait for a deletion of its asker.</summary>
    internal bool MustWait(IActorRef asker, long offset) =>
        !IsIdle && HasDeletionOf(asker, offset);

    /// <summary>Whether the files of a segment are being changed.</summary>
    internal bool IsChanging(long baseOffset) => _work switch
    {
        DeleteSegments deletion => deletion.Segments.Any(segment => segment.BaseOffset == baseOffset),
        CompressOne compression => compression.Segment.BaseOffset == baseOffset,
        ArchiveOne archiving => archiving.Segment.BaseOffset == baseOffset,
        _ => false,
    };

    /// <summary>Whether records at or above an offset are being deleted.</summary>
    internal bool IsDeletingFrom(long offset) =>
        _work is DeleteSegments deletion && deletion.Segments.Any(segment => segment.NextOffset > offset);

    /// <summary>An actor has stopped, or has answered all earlier messages.</summary>
    internal void NoteDrained(IActorRef actor)
    {
        if (!_undrained.Remove(actor) || _undrained.Count > 0) return;
        Begin();
    }

    internal void Complete(WorkDone done)
    {
        if (!ReferenceEquals(done.Work, _work)) return;
        if (done.LeftBehind is { } left) context.Log.Warning("{0}: the next opening tries again", left.Message);
        if (done.Work is DeleteSegments deletion)
        {
            directory.NoteDeleted(deletion.Segments);
            foreach (var segment in deletion.Segments) readers.Retire(segment.BaseOffset);
        }
        if (done.Changed is { } changed)
        {
            directory.NoteChanged(changed);
            if (!changed.IsIncompressible) readers.Retire(changed.BaseOffset);
        }
        if (_job!.Message is LogRequest request) End(_job, MaintenanceReplies.To(request, done, directory.StartOffset));
        EndJob();
    }

    internal void Fail(WorkNotDone failed)
    {
        if (!ReferenceEquals(failed.Work, _work)) return;
        if (failed.Kind == FailureKind.OutcomeUnknown) _latched = failed.Reason;
        // The manager's own operations fail repeatedly. RetentionSchedule reports their failures once.
        if (!_job!.IsOwn) context.Log.Error("{0} failed: {1}", failed.Work.Title, failed.Reason);
        Refuse(_job, failed.Kind, failed.Reason, failed.IsDamage);
        EndJob();
    }

    /// <summary>The maintenance actor was stopped, and a new one started.</summary>
    internal void Replace(IActorRef other)
    {
        worker = other;
        // A maintenance actor sends the outcome of its work before it stops. Without an outcome the work was not begun.
        if (_work is { } work) worker.Tell(work, Self);
    }

    /// <summary>
    /// Refuses everything that waits, since the manager stops or restarts. Its own operations end without a reply.
    /// </summary>
    internal void RefuseAll(string reason)
    {
        if (_job is { } job)
            Answer(job, IsManifestAhead ? FailureKind.OutcomeUnknown : FailureKind.Unavailable, reason);
        if (_givenOut is { } question) Answer(question, FailureKind.Unavailable, reason);
        while (_followers.TryDequeue(out var follower)) Answer(follower, FailureKind.Unavailable, reason);
        while (_waiting.TryDequeue(out var waiting)) Answer(waiting, FailureKind.Unavailable, reason);
    }

    // A method of its own, since a lambda's captures are allocated where its method begins, and MustWait runs for every
    // read.
    private bool HasOperationOf(IActorRef asker) => Jobs.Any(job => job.IsOperationOf(asker));

    private bool HasDeletionOf(IActorRef asker, long offset) =>
        Jobs.Any(job => job.IsOperationOf(asker) && job.Deletes(offset, directory));

    private IEnumerable<MaintenanceJob> Jobs => _job is { } job ? _waiting.Prepend(job) : _waiting;

    private bool TryEnqueue(MaintenanceJob job)
    {
        if (_waiting.Count >= MaxWaiting)
        {
            Refuse(job, FailureKind.Unavailable, $"{MaxWaiting} operations on sealed segments wait already");
            return false;
        }
        _waiting.Enqueue(job);
        return true;
    }

    private void EndJob() => (_job, _toBegin, _work) = (null, null, null);

    // Begins or refuses the operations before the first question. True if that question can be answered now.
    private bool IsQuestionDue()
    {
        while (_job is null && _waiting.TryPeek(out var next) && next.IsReady)
        {
            if (!next.IsOperation && next.Refusal is null) return true;
            _waiting.Dequeue();
            if (next.Refusal is { } refused) Refuse(next, refused.Kind, refused.Reason);
            else if (_latched is { } why)
                Refuse(next, FailureKind.Unavailable, $"segments are left as they are after a failure: {why}");
            else if (Prepare(next) is { } refusal) Refuse(next, MaintenanceReplies.KindOf(refusal), refusal.Reason);
        }
        return false;
    }

    // Upkeep, for which no request waits, runs only when no other operation can.
    private void BeginUpkeep()
    {
        if (_job is not null || _latched is not null) return;
        if (_isManifestDue)
        {
            _isManifestDue = false;
            Start(new MaintenanceJob(null, ActorRefs.Nobody), before => new SaveManifest(before));
        }
        else if (_isArchiveUnsettled)
        {
            _isArchiveUnsettled = false;
            Start(new MaintenanceJob(null, ActorRefs.Nobody), before => new CleanArchive(before));
        }
    }

    /// <summary>Starts an operation, or answers at once if there is nothing to do.</summary>
    /// <returns>Why the operation is refused; null if it is not.</returns>
    private MaintenanceRefusal? Prepare(MaintenanceJob job)
    {
        switch (job.Message)
        {
            case DeleteSegment deletion:
                if (MaintenanceTarget.Find(directory, deletion.File, out var segment) is { } refusal) return refusal;
                if (floors.Explain(segment.NextOffset) is { } holder)
                    return MaintenanceRefusal.WrongState($"{deletion.File} is held: {holder}");
                StartDeletion(job, [segment]);
                return null;
            case TruncateBefore truncation:
                var nextOffset = job.Tail is { } tail ? tail.NextOffset : directory.ActiveBase;
                if (MaintenanceTarget.FindBefore(directory, truncation.Offset, nextOffset, out var segments)
                    is { } other)
                    return other;
                if (segments.Count > 0 && floors.Explain(segments[^1].NextOffset) is { } holders)
                    return MaintenanceRefusal.WrongState(
                        $"segments before offset {truncation.Offset} are held: {holders}");
                if (segments.Count > 0) StartDeletion(job, segments);
                else End(job, new LogTruncated(directory.StartOffset, 0, 0, truncation.RequestId));
                return null;
            case CompressSegment compression:
                if (MaintenanceTarget.FindToCompress(directory, compression.File, out var large) is { } noCompression)
                    return noCompression;
                Start(job, before => new CompressOne(before, large));
                return null;
            case ArchiveSegment archiving:
                if (MaintenanceTarget.FindToArchive(directory, archiving.File, out var old) is { } noArchiving)
                    return noArchiving;
                Start(job, before => new ArchiveOne(before, old));
                return null;
            default:
                throw new UnreachableException($"{job.Message?.GetType().Name} is no operation on segments");
        }
    }

    // Reads that came before the deletion are answered before it. Their actors may not have opened their files yet.
    private void StartDeletion(MaintenanceJob job, IReadOnlyList<SealedSegment> segments)
    {
        foreach (var segment in segments)
        {
            var (running, leaving) = readers.HoldersOf(segment.BaseOffset);
            foreach (var actor in leaving) _undrained.Add(actor);
            if (running is null || !_undrained.Add(running)) continue;
            running.Tell(new DrainReads(), Self);
        }
        Start(job, before => new DeleteSegments(before, segments));
    }

    private void Start(MaintenanceJob job, Func<Manifest, MaintenanceWork> toBegin)
    {
        (_job, _toBegin) = (job, toBegin);
        if (_undrained.Count == 0) Begin();
    }

    private void Begin()
    {
        _work = _toBegin!(directory.CurrentManifest());
        worker.Tell(_work, Self);
    }

    private void End(MaintenanceJob job, LogReply reply)
    {
        if (job.TryEnd()) job.Asker.Tell(reply, Self);
        NoteEnded(job, MaintenanceEnd.Done, "");
    }

    private void Refuse(MaintenanceJob job, FailureKind kind, string reason, bool isHopeless = false)
    {
        // If the segment's state does not allow the operation, there is nothing left to do.
        var end = kind == FailureKind.Precondition ? MaintenanceEnd.Done
            : isHopeless ? MaintenanceEnd.Hopeless
            : MaintenanceEnd.NotDone;
        Answer(job, kind, reason);
        NoteEnded(job, end, reason);
    }

    private void NoteEnded(MaintenanceJob job, MaintenanceEnd end, string reason)
    {
        if (job.IsOwn) _ended.Enqueue(new EndedOperation((LogRequest)job.Message!, end, reason));
    }

    private void Answer(MaintenanceJob job, FailureKind kind, string reason)
    {
        if (job.TryEnd() && job.Message is { } message) context.Refuse(message, job.Asker, reason, kind);
    }
}
