using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Segment;

/// <summary>
/// One segment. The last one takes the appends; everything in the mailbox by the time of a commit shares one write and one sync.
/// <code>
///              recovered                 full, or told to seal            successor is B
///   (start) --------------> Active ------------------------------> Rolling --------------> Sealed
///      |                      ^  no room on the disk: held appends    |
///      |  no room, damaged,   +---------- are answered so ------------+
///      |  too many crashes
///      +------------------> Refusing   (answers every append, so that no sender waits for ever; tries again where there was no room)
///
///   the roll        active segment A            LogManager                 successor B
///                   commits what it has
///                   seals itself on disk
///                   SegmentIsSealed ----------> spawns B --------------->  recovers its empty file
///                                               holds new appends back
///                   &lt;------------ SuccessorIs B   (the last message to A that concerns the tail)
///                   forwards what it holds, senders kept ------------->    takes it first
///                   Drained ------------------> releases what it held -->  takes it next
/// </code>
/// A restart is a recovery: whoever waits is answered before it, and both ends of the roll may be told twice.
/// </summary>
internal sealed partial class SegmentActor(SegmentMemory memory, SegmentStore store, WalSettings settings, IActorRef manager) : UntypedActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ActiveSegment? _active;
    private SegmentReader? _reader;
    private (SealActiveSegment Request, IActorRef Asker)? _seal;
    private IActorRef _worker = ActorRefs.Nobody, _tailReader = ActorRefs.Nobody;
    private string _lastFailure = "";
    private bool _isCommitScheduled, _isRolling, _isSealing, _isLatchNoted, _isAbandoned;
    private bool _isSyncDue, _isUpkeepDue, _isSecondTry;

    /// <summary>Told to itself: commit what has been staged by now.</summary>
    private sealed record CommitStaged : IInternalMessage
    {
        internal static readonly CommitStaged Instance = new();
    }

    /// <summary>Sync what the policy `interval` left unsynced.</summary>
    internal sealed record SyncTick : IInternalMessage;

    /// <summary>Sync the watermark if it moved.</summary>
    internal sealed record WatermarkTick : IInternalMessage;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message) => Unhandled(message);

    private void Active(object message)
    {
        if (TryWorkOutcome(message) || TryTick(message) || TryVisibleRead(message) || TryChildStopped(message)) return;
        if (memory.Held.Count > 0 || !TryHandle(message, Sender)) memory.Held.Enqueue((message, Sender));
    }

    private void Rolling(object message)
    {
        if (message is SuccessorIs next) HandOverTo(next.Successor);
        else if (!TryWorkOutcome(message) && !TryTick(message) && !TryVisibleRead(message) && !TryChildStopped(message)) memory.Held.Enqueue((message, Sender));
    }

    private void Sealed(object message)
    {
        switch (message)
        {
            case SuccessorIs:
                manager.Tell(new Drained(memory.BaseOffset), Self);
                break;
            case DrainReads:
                manager.Tell(new ReadsDrained(), Self);
                break;
            case Leave:
                memory.IsLeaving = true;
                StopIfRead();
                break;
            default:
                if (!TryTick(message) && !TryWorkOutcome(message) && !TryChildStopped(message)) AnswerSealed(message, Sender);
                break;
        }
    }

    // What the reader was asked for comes first.
    private void StopIfRead()
    {
        if (memory.IsLeaving && _tailReader.IsNobody()) Context.Stop(Self);
    }

    private IActorRef StartTailReader()
    {
        if (_tailReader.IsNobody()) _tailReader = Context.Watch(Context.ActorOf(WalProps.Of<TailReader>(Context.System, "read")));
        return _tailReader;
    }

    // Reads of what everybody may see wait for no commit. A batch may go on behind it, so it keeps its place.
    private bool TryVisibleRead(object message)
    {
        if (message is not (Read or Locate)) return false;
        memory.Tail.Activity.NoteQuestion();
        if (_active is null && memory.Sealed!.Value.Range.Contains(RecordQueries.OffsetOf(message)))
        {
            AnswerSealed(message, Sender);
            return true;
        }
        if (_active is null || RecordQueries.OffsetOf(message) >= _active.VisibleNextOffset) return false;
        _active.Read(message, Sender);
        return true;
    }

    private bool TryTick(object message)
    {
        switch (message)
        {
            case CommitStaged:
                _isCommitScheduled = false;
                if (_active is { IsCommitting: false } && !_isSealing) CommitOrGather();
                return true;
            case SyncTick:
                _isSyncDue = false;
                if (_active is { IsSyncing: false, HasUnsynced: true } && !_isSealing) BeginSync();
                else ScheduleSync();
                return true;
            case WatermarkTick:
                _isUpkeepDue = false;
                if (_active is not null) DoUpkeep(_active.Writer);
                return true;
            default:
                return false;
        }
    }

    private void AnswerSealed(object message, IActorRef sender, bool isSecondTry = false)
    {
        if (message is SecondTry again)
        {
            AnswerSealed(again.Query, again.Asker, isSecondTry: true);
            return;
        }
        var segment = memory.Sealed!.Value;
        if (!RecordQueries.IsQuery(message) || !segment.Range.Contains(RecordQueries.OffsetOf(message)))
        {
            RefuseOne(message, sender, $"{segment.Info.File} is sealed");
            return;
        }
        try
        {
            _reader ??= SegmentReader.Open(store, segment, memory.IndexBudget);
        }
        catch (WalException e)
        {
            // It may have been deleted or have changed its state since this actor was started: the manager knows.
            var (asker, id) = Requests.AskerOf(message, sender);
            manager.Tell(new SegmentNotOpened(message, asker, id, segment, e) { IsSecondTry = isSecondTry }, Self);
            return;
        }
        RecordQueries.Answer(message, sender, _reader.Records, segment.BaseOffset, segment.NextOffset, manager, Self);
    }
}
