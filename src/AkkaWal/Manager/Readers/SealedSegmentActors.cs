using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Storage.Files.Posix.Calls;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Manager.Readers;

/// <summary>
/// The running actors of sealed segments. Each is started when it is first needed, and stopped when it is idle or when
/// there are too many, which bounds the open files. All of them are watched. Owned by the manager.
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
            // An archive that hangs must not block the threads that read local segments.
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
    /// Adds the actor of a segment that was active. It is not stopped before <see cref="NoteHandedOver"/>: it holds
    /// requests for its successor, and if it crashed during the hand-over it would be stopped before it has forwarded
    /// them.
    /// </summary>
    internal void Adopt(SealedSegment segment, IActorRef actor)
    {
        _handingOver = _running[segment.BaseOffset] = new LinkedListNode<Entry>(new Entry(segment.BaseOffset, actor));
        _segmentOf[actor] = segment.BaseOffset;
    }

    /// <summary>
    /// The actor that was adopted last has handed over. It is stopped, since it runs on the commit dispatcher.
    /// </summary>
    internal void NoteHandedOver()
    {
        if (_handingOver is not { } node) return;
        // It may have been retired in the meantime.
        if (_running.GetValueOrDefault(node.Value.BaseOffset) == node) LetGo(node);
        _handingOver = null;
        Stop(node.Value.Actor);
    }

    /// <summary>
    /// A segment was deleted or changed its state. Later queries get a new actor, and the old one finishes and stops.
    /// </summary>
    internal void Retire(long baseOffset)
    {
        if (_running.TryGetValue(baseOffset, out var node)) LetGo(node);
    }

    /// <summary>
    /// The segment's running actor, if there is one, and its earlier actors that are still finishing.
    /// </summary>
    internal (IActorRef? Running, IEnumerable<IActorRef> Leaving) HoldersOf(long baseOffset) => (
        _running.TryGetValue(baseOffset, out var node) ? node.Value.Actor : null,
        _leaving.Where(pair => pair.Value == baseOffset).Select(pair => pair.Key));

    /// <summary>An actor has stopped, by this class or by another actor. The next query gets a new one.</summary>
    internal void NoteStopped(IActorRef actor)
    {
        if (_handingOver?.Value.Actor.Equals(actor) == true) _handingOver = null;
        if (_leaving.Remove(actor) || !_segmentOf.Remove(actor, out var baseOffset)) return;
        _running.Remove(baseOffset, out var node);
        if (node!.List is not null) _byUse.Remove(node);
    }

    /// <summary>
    /// Stops half of the running actors, but at least one, since descriptors ran out. Those that were not used for the
    /// longest time go first.
    /// </summary>
    /// <returns>Whether any actor is stopping now.</returns>
    internal bool LetGoOfHalf()
    {
        for (var count = (_byUse.Count + 1) / 2; count > 0; count--) LetGo(_byUse.First!);
        return IsAnyLeaving;
    }

    /// <summary>Whether any actor is stopping.</summary>
    internal bool IsAnyLeaving => _leaving.Count > 0;

    /// <summary>Stops the actors that got no query since the call before the last.</summary>
    internal void LetGoOfIdle()
    {
        while (_byUse.First is { } oldest && oldest.Value.LastUsedTick < _tick) LetGo(oldest);
        _tick++;
    }

    /// <summary>A name for a segment's actor. The number makes it different from one that is still stopping.</summary>
    internal string NextName(long baseOffset) => $"segment-{baseOffset:D8}-{++_names}";

    private LinkedListNode<Entry> Add(long baseOffset, IActorRef actor)
    {
        _segmentOf[actor] = baseOffset;
        return _running[baseOffset] = AddLast(
            new LinkedListNode<Entry>(new Entry(baseOffset, actor) { LastUsedTick = _tick }));
    }

    private LinkedListNode<Entry> AddLast(LinkedListNode<Entry> node)
    {
        // Other logs of the process may use most of the descriptors.
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
