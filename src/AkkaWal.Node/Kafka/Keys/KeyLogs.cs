using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Kafka.Keys;

/// <summary>
/// The logs of the keys. A limited number of them is open at a time. When another one is needed, the least recently
/// used one is closed: it is sent a sync, and is stopped when it has answered that, so that all earlier requests are
/// carried out. New requests for it are held back meanwhile, in order.
/// </summary>
/// <remarks>
/// <code>
/// (none) --told--> Waiting --place--> Open --longest unused--> Closing --synced, stopped--> (none, or Waiting if told)
/// </code>
/// Owned by one actor, whose children the logs are. A log that was closed is not opened again for reads alone.
/// </remarks>
/// <param name="context">The actor's context.</param>
/// <param name="maxOpen">How many logs may be open.</param>
/// <param name="open">Gives the props of the log in a folder.</param>
/// <param name="sync">Syncs a log, then calls back.</param>
/// <param name="readClosed">Has a read answered that arrived while the log in a folder was closing.</param>
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

    /// <summary>Whether the log in a folder is open, waits to be opened, or is closing.</summary>
    public bool Has(string folder) => _entries.ContainsKey(folder);

    /// <summary>
    /// Sends a request to the log in a folder, in the order of the calls. Opens the log where it is not open.
    /// </summary>
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

    /// <summary>Notes that a log has stopped. Another one can be opened.</summary>
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

    /// <summary>Refuses the requests that were held back: they did not happen.</summary>
    public void RefuseHeld(string reason)
    {
        foreach (var (request, sender) in _entries.Values.SelectMany(entry => entry.Held))
            sender.Tell(new RequestFailed(FailureKind.Unavailable, reason, request.RequestId), context.Self);
    }

    private void MakePlaces()
    {
        while (_byLog.Count < maxOpen && _waiting.TryDequeue(out var entry)) Start(entry);

        // Closes one log for each that waits, less those that are closing already.
        var closingCount = _byLog.Count - _byUse.Count;
        for (var missing = _waiting.Count - closingCount; missing > 0 && _byUse.First is { } first; missing--)
            Close(first.Value);
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
