using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;
using Debug = System.Diagnostics.Debug;
using UnreachableException = System.Diagnostics.UnreachableException;

namespace AkkaWal.Manager.Maintenance;

/// <summary>
/// The manager's side of operations on sealed segments: one after the other, each with exactly one reply. It calls
/// nobody back: after whatever is told to it, the manager takes what it gives out (<see cref="TryTakeEnded"/>,
/// <see cref="TryAdvance"/>) until there is no more, and only that begins the next operation.
/// <code>
///   queued, until its ticket has been through the tail
///     checked against the catalog           -> refused where it can't be
///     deletions: reads drained
///     the MaintenanceActor does it          -> refused; or unknown, and then nothing more is begun
///     catalog, readers, reply; then the next
/// </code>
/// A sender's questions that an earlier operation of its own can change wait here for their turn; everybody else's do
/// not. Owned by the manager.
/// </summary>
/// <param name="directory">The catalog.</param>
/// <param name="floors">What consumers hold.</param>
/// <param name="readers">The actors of sealed segments.</param>
/// <param name="context">The manager's.</param>
/// <param name="worker">The <see cref="MaintenanceActor"/>.</param>
internal sealed class MaintenanceQueue(
    LogDirectory directory, Floors floors, SealedSegmentActors readers, ManagerContext context, IActorRef worker)
{
    /// <summary>
    /// So many operations and questions may wait; more are refused. A node's window of requests always may.
    /// </summary>
    internal const int MaxWaiting = 8192;

    // One count for all queues: a ticket that comes back after a restart of the manager is nobody's.
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

    /// <summary>Whether the MANIFEST may say something that the catalog does not know of.</summary>
    internal bool IsManifestAhead => _latched is not null || _work is not null;

    private bool IsIdle => _job is null && _waiting.Count == 0;
    private IActorRef Self => context.Self;

    /// <summary>
    /// Takes an operation, or a question that an operation of its asker's can change, behind those that wait. Its turn
    /// does not come before its ticket has been through the active segment, behind what its asker told before: a roll,
    /// say.
    /// </summary>
    /// <returns>The ticket; null where too much waits, which has been answered.</returns>
    internal long? Enqueue(LogRequest request, IActorRef asker)
    {
        var job = new MaintenanceJob(request, asker) { Ticket = Interlocked.Increment(ref _lastTicket) };
        if (!TryEnqueue(job)) return null;
        _ticketed[job.Ticket] = job;
        return job.Ticket;
    }

    /// <summary>Takes an operation of the manager's own. How it ended comes from <see cref="TryTakeEnded"/>.</summary>
    internal void EnqueueOwn(LogRequest request) =>
        TryEnqueue(new MaintenanceJob(request, ActorRefs.Nobody) { IsReady = true, IsOwn = true });

    /// <summary>A ticket is back.</summary>
    /// <param name="ticket">From <see cref="Enqueue"/>.</param>
    /// <param name="tail">The end of the log as it passed; null where it was refused.</param>
    /// <param name="refusal">Why.</param>
    internal void NoteTicket(long ticket, TailDescription? tail, string refusal = "")
    {
        if (_ticketed.Remove(ticket, out var found)) (found.IsReady, found.Tail, found.Refusal) = (true, tail, refusal);
    }

    /// <summary>Takes a query of a sealed segment behind the operations that wait.</summary>
    internal void EnqueueQuery(IRecordQuery query, IActorRef asker) =>
        TryEnqueue(new MaintenanceJob(query, asker) { IsReady = true });

    /// <summary>Takes a question behind the operation under way alone.</summary>
    internal void EnqueueBehindCurrent(IOwedMessage question, IActorRef asker)
    {
        Debug.Assert(_job is not null, "somebody waits for an operation that is under way");
        _followers.Enqueue(new MaintenanceJob(question, asker));
    }

    /// <summary>The MANIFEST is to be written when nothing else is under way.</summary>
    internal void NoteManifestDue() => _isManifestDue = true;

    /// <summary>Gives out how an operation of the manager's own ended, once.</summary>
    internal bool TryTakeEnded(out EndedOperation ended) => _ended.TryDequeue(out ended);

    /// <summary>
    /// Begins what may be begun next, and gives out a question whose turn has come: it is to be answered before the
    /// next call. A question that crashes while it is answered is refused with those that still wait.
    /// </summary>
    /// <returns>Whether there may be more to do.</returns>
    internal bool TryAdvance([NotNullWhen(true)] out MaintenanceJob? question)
    {
        _givenOut = null;
        // Where nothing is under way, what waited for that alone comes first.
        if (_job is not null || !_followers.TryDequeue(out _givenOut))
        {
            if (IsQuestionDue()) _givenOut = _waiting.Dequeue();
            else BeginUpkeep();
        }
        question = _givenOut;
        return question is not null;
    }

    /// <summary>Whether somebody's question about the whole log must wait for operations of its own.</summary>
    internal bool MustWait(IActorRef asker) => !IsIdle && HasOperationOf(asker);

    /// <summary>Whether somebody's question about an offset must wait for a deletion of its own.</summary>
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

    /// <summary>An actor has answered everything that it was asked before, or stopped.</summary>
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
            if ((changed.State & SegmentState.Incompressible) == 0) readers.Retire(changed.BaseOffset);
        }
        if (_job!.Message is LogRequest request) End(_job, MaintenanceReplies.To(request, done, directory.StartOffset));
        EndJob();
    }

    internal void Fail(WorkNotDone failed)
    {
        if (!ReferenceEquals(failed.Work, _work)) return;
        if (failed.Kind == FailureKind.OutcomeUnknown) _latched = failed.Reason;
        // Its owner tells of what fails again and again.
        if (!_job!.IsOwn) context.Log.Error("{0} failed: {1}", failed.Work.Title, failed.Reason);
        Refuse(_job, failed.Kind, failed.Reason, failed.IsDamage);
        EndJob();
    }

    /// <summary>The maintenance actor was stopped and there is another one.</summary>
    internal void Replace(IActorRef other)
    {
        worker = other;
        // It tells the outcome of whatever it begins before it stops: this it never began.
        if (_work is { } work) worker.Tell(work, Self);
    }

    /// <summary>
    /// Answers everybody who waits: the manager is going. Its own operations end with it, and nobody is told.
    /// </summary>
    internal void RefuseAll(string reason)
    {
        if (_job is { } job)
            Answer(job, IsManifestAhead ? FailureKind.OutcomeUnknown : FailureKind.Unavailable, reason);
        if (_givenOut is { } question) Answer(question, FailureKind.Unavailable, reason);
        while (_followers.TryDequeue(out var follower)) Answer(follower, FailureKind.Unavailable, reason);
        while (_waiting.TryDequeue(out var waiting)) Answer(waiting, FailureKind.Unavailable, reason);
    }

    // Apart from MustWait, which every read calls: a lambda's captures are allocated where its method begins.
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

    // Begins, or refuses, what stands before the first question that has its turn.
    private bool IsQuestionDue()
    {
        while (_job is null && _waiting.TryPeek(out var next) && next.IsReady)
        {
            var isRefused = next is { Ticket: > 0, Tail: null };
            if (!next.IsOperation && !isRefused) return true;
            _waiting.Dequeue();
            if (isRefused) Refuse(next, FailureKind.Unavailable, next.Refusal);
            else if (_latched is { } why)
                Refuse(next, FailureKind.Unavailable, $"segments are left as they are after a failure: {why}");
            else if (Prepare(next) is { } refusal) Refuse(next, MaintenanceReplies.KindOf(refusal), refusal.Reason);
        }
        return false;
    }

    // What nobody waits for comes when nothing else is to be done.
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

    /// <summary>Starts an operation, or answers at once where there is nothing to do.</summary>
    /// <returns>Why it can't be.</returns>
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

    // Reads that were asked for before the deletion are answered before it: their actors may not have opened their
    // files yet.
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
        // Where the segment is not in a state for it any more there is nothing to do.
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
