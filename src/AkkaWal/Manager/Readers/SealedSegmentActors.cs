using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Storage.Files.Posix.Calls;
using AkkaWal.Storage;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Manager.Readers;

/// <summary>
/// The actors of sealed segments that are running: started when first needed, let go when idle or when there are too
/// many, which bounds open files. All of them are watched. Owned by the manager.
/// </summary>
internal sealed class SealedSegmentActors(IUntypedActorContext context, SegmentFiles segmentFiles, LogState state)
{
    private readonly Dictionary<long, LinkedListNode<Entry>> _running = [];
    private readonly LinkedList<Entry> _byUse = [];
    private readonly Dictionary<IActorRef, long> _segmentOf = [], _leaving = [];
    private LinkedListNode<Entry>? _handingOver;
    private long _tick;
    private long _names;

    /// <summary>The actor that reads a segment.</summary>
    internal IActorRef ActorOf(SealedSegment segment)
    {
        if (!_running.TryGetValue(segment.BaseOffset, out var node))
        {
            var memory = new SegmentMemory(segment.BaseOffset, state.Tail, state.IndexBudget)
            {
                Sealed = segment, IsHandedOver = true,
            };
            // An archive that hangs must not take the threads that read what is here.
            var dispatcher = segment.IsArchived ? "archive" : "read";
            var props = WalProps.Of<SegmentActor>(dispatcher, memory, segmentFiles, state.Settings, context.Self);
            var actor = context.Watch(context.ActorOf(props, NextName(segment.BaseOffset)));
            state.Begin(actor, memory);
            node = Add(segment.BaseOffset, actor);
        }
        else if (node != _handingOver && _byUse.Last != node)
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }
        node.ValueRef.LastUsedTick = _tick;
        return node.Value.Actor;
    }

    /// <summary>
    /// A segment that was active is read by its actor until <see cref="NoteHandedOver"/>, and not let go before: it has
    /// what belongs to its successor, and a crash in the middle of the hand-over would have it stopped before it gave
    /// that away.
    /// </summary>
    internal void Adopt(SealedSegment segment, IActorRef actor)
    {
        _handingOver = _running[segment.BaseOffset] = new LinkedListNode<Entry>(new Entry(segment.BaseOffset, actor));
        _segmentOf[actor] = segment.BaseOffset;
    }

    /// <summary>
    /// The one that was adopted last has handed over, and is let go: its threads are those that commit.
    /// </summary>
    internal void NoteHandedOver()
    {
        if (_handingOver is not { } node) return;
        // It may have been retired meanwhile.
        if (_running.GetValueOrDefault(node.Value.BaseOffset) == node) LetGo(node);
        _handingOver = null;
        Stop(node.Value.Actor);
    }

    /// <summary>
    /// A segment is gone or has another state: whoever asks from now on gets another actor, and its old one finishes.
    /// </summary>
    internal void Retire(long baseOffset)
    {
        if (_running.TryGetValue(baseOffset, out var node)) LetGo(node);
    }

    /// <summary>The actor of a segment where one runs, and those of it that were let go and may not be done.</summary>
    internal (IActorRef? Running, IEnumerable<IActorRef> Leaving) HoldersOf(long baseOffset) => (
        _running.TryGetValue(baseOffset, out var node) ? node.Value.Actor : null,
        _leaving.Where(pair => pair.Value == baseOffset).Select(pair => pair.Key));

    /// <summary>
    /// One has stopped: it was let go, or somebody else stopped it, and whoever asks from now on gets another one.
    /// </summary>
    internal void NoteStopped(IActorRef actor)
    {
        if (_handingOver?.Value.Actor.Equals(actor) == true) _handingOver = null;
        if (_leaving.Remove(actor) || !_segmentOf.Remove(actor, out var baseOffset)) return;
        _running.Remove(baseOffset, out var node);
        if (node!.List is not null) _byUse.Remove(node);
    }

    /// <summary>
    /// Lets go of half of those that are running, the longest unused first, and of one at least: descriptors ran out.
    /// </summary>
    /// <returns>Whether any is on its way out now.</returns>
    internal bool LetGoOfHalf()
    {
        for (var count = (_byUse.Count + 1) / 2; count > 0; count--) LetGo(_byUse.First!);
        return IsAnyLeaving;
    }

    /// <summary>Whether any was let go and is not done.</summary>
    internal bool IsAnyLeaving => _leaving.Count > 0;

    /// <summary>Lets go of those that nobody has asked since the call before the last.</summary>
    internal void LetGoOfIdle()
    {
        while (_byUse.First is { } oldest && oldest.Value.LastUsedTick < _tick) LetGo(oldest);
        _tick++;
    }

    /// <summary>A child name for a segment: a number keeps it apart from one that is still stopping.</summary>
    internal string NextName(long baseOffset) => $"segment-{baseOffset:D8}-{++_names}";

    private LinkedListNode<Entry> Add(long baseOffset, IActorRef actor)
    {
        _segmentOf[actor] = baseOffset;
        return _running[baseOffset] = AddLast(
            new LinkedListNode<Entry>(new Entry(baseOffset, actor) { LastUsedTick = _tick }));
    }

    private LinkedListNode<Entry> AddLast(LinkedListNode<Entry> node)
    {
        // Other logs of the process may have most of its descriptors.
        if (_byUse.Count >= state.Settings.MaxOpenSegments || (_byUse.Count > 0 && Descriptors.AreScarce))
            LetGo(_byUse.First!);
        _byUse.AddLast(node);
        return node;
    }

    private void LetGo(LinkedListNode<Entry> node)
    {
        _running.Remove(node.Value.BaseOffset);
        _segmentOf.Remove(node.Value.Actor);
        _leaving[node.Value.Actor] = node.Value.BaseOffset;
        if (node == _handingOver) return;
        _byUse.Remove(node);
        Stop(node.Value.Actor);
    }

    private void Stop(IActorRef actor) => actor.Tell(new Leave(), context.Self);

    private record struct Entry(long BaseOffset, IActorRef Actor)
    {
        internal long LastUsedTick { get; set; }
    }
}
