using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// The logs of the keys, of which only so many are open at a time. Where one more is wanted, the one that was not used for
/// the longest time is closed: it gets a sync to answer, so that all it was told before is done, and is then stopped. What
/// it is told meanwhile is held back, in order.
/// </summary>
/// <remarks>
/// <code>
/// (none) --told--> Waiting --place--> Open --longest unused--> Closing --synced, stopped--> (none, or Waiting if told)
/// </code>
/// Belongs to one actor, whose children the logs are. A log that closes is not opened again for reads alone.
/// </remarks>
/// <param name="context">The actor's.</param>
/// <param name="maxOpen">How many may be open.</param>
/// <param name="open">How to open the log in a folder.</param>
/// <param name="sync">Has a log synced, and then calls back.</param>
/// <param name="readClosed">Has a read answered that came while the log in a folder was closing.</param>
internal sealed class KeyLogs(
    IActorContext context,
    int maxOpen,
    Func<string, Props> open,
    Action<IActorRef, Action> sync,
    Action<string, ReadBatch> readClosed)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, Entry> _byLog = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Queue<Entry> _waiting = new();

    private enum State
    {
        Waiting,
        Open,
        Closing,
    }

    /// <summary>The logs that are open now.</summary>
    public IEnumerable<IActorRef> Open => _byUse.Select(entry => entry.Log);

    /// <summary>Whether the log in a folder is open, or on its way to or from there.</summary>
    public bool Has(string folder) => _entries.ContainsKey(folder);

    /// <summary>Tells the log in a folder, in the order of the calls; opens it where it is not.</summary>
    public void Tell(string folder, LogRequest request, IActorRef sender)
    {
        if (!_entries.TryGetValue(folder, out var entry))
        {
            entry = new Entry(folder);
            _entries.Add(folder, entry);
            _waiting.Enqueue(entry);
        }

        if (entry.State == State.Open)
        {
            _byUse.Remove(entry.Place);
            _byUse.AddLast(entry.Place);
            entry.Log.Tell(request, sender);
            return;
        }

        entry.Held.Enqueue((request, sender));
        MakePlaces();
    }

    /// <summary>A log has stopped: its place is free.</summary>
    public void OnTerminated(IActorRef log)
    {
        if (!_byLog.Remove(log, out var entry)) return;
        if (entry.State == State.Open) _byUse.Remove(entry.Place);
        entry.State = State.Waiting;
        entry.Log = ActorRefs.Nobody;
        if (entry.Held.All(held => held.Request is ReadBatch))
        {
            _entries.Remove(entry.Folder);
            foreach (var (request, _) in entry.Held) readClosed(entry.Folder, (ReadBatch)request);
        }
        else
        {
            _waiting.Enqueue(entry);
        }

        MakePlaces();
    }

    /// <summary>Answers what no log was told yet: it did not happen.</summary>
    public void RefuseHeld(string reason)
    {
        foreach (var (request, sender) in _entries.Values.SelectMany(entry => entry.Held))
            sender.Tell(new RequestFailed(FailureKind.Unavailable, reason, request.RequestId), context.Self);
    }

    private void MakePlaces()
    {
        while (_byLog.Count < maxOpen && _waiting.TryDequeue(out var entry)) Start(entry);

        // One is closed for each that waits; those that are closing make places of their own.
        int closingCount = _byLog.Count - _byUse.Count;
        for (int missing = _waiting.Count - closingCount; missing > 0 && _byUse.First is { } first; missing--) Close(first.Value);
    }

    private void Start(Entry entry)
    {
        Debug.Assert(entry.State == State.Waiting, "a log that is open is opened once more");
        entry.Log = context.Watch(context.ActorOf(open(entry.Folder)));
        entry.State = State.Open;
        entry.Place = _byUse.AddLast(entry);
        _byLog.Add(entry.Log, entry);
        while (entry.Held.TryDequeue(out var held)) entry.Log.Tell(held.Request, held.Sender);
    }

    private void Close(Entry entry)
    {
        entry.State = State.Closing;
        _byUse.Remove(entry.Place);
        var log = entry.Log;
        sync(log, () => context.Stop(log));
    }

    private sealed class Entry(string folder)
    {
        public string Folder { get; } = folder;

        public State State { get; set; }

        public IActorRef Log { get; set; } = ActorRefs.Nobody;

        public LinkedListNode<Entry> Place { get; set; } = null!;

        public Queue<(LogRequest Request, IActorRef Sender)> Held { get; } = new();
    }
}
