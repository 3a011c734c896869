using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// Maelstrom's kafka workload, with one log for each key and one for the committed offsets.
/// </summary>
/// <remarks>
/// <code>
/// bridge -> KafkaBroker -> LogManager of a key (a limited number is open), below NODE/kafka/keys
///     ^        |      \--> ClosedLogReaders: polls of keys whose logs are not open
///     |        |      \--> CommittedLog, which answers commits and lists itself
///     |        v
///     +-- Appended, straight from the key's log; polls and syncs from here
/// </code>
/// Requests that the broker itself sends to logs have ids of its own, each with a continuation. The broker accesses no
/// file except the lock of its folder.
/// </remarks>
internal sealed class KafkaBroker : UntypedActor
{
    private readonly KafkaSettings _settings;
    private readonly KafkaPorts _ports;
    private readonly KeyLogs _logs;
    private readonly Ownership _ownership;
    private readonly IActorRef[] _readers;
    private readonly ClosedKeys _closed = new();
    private readonly Dictionary<long, Action<LogReply>> _asked = [];
    private readonly Dictionary<(IActorRef Asker, long RequestId), FailureKind> _unanswered = [];

    // Does not start at 0, so that no answer from before a restart matches a new request.
    private long _nextId = Stopwatch.GetTimestamp();
    private IActorRef _committed = ActorRefs.Nobody;

    /// <param name="settings">The limits.</param>
    /// <param name="ports">How it opens logs and readers.</param>
    public KafkaBroker(KafkaSettings settings, KafkaPorts ports)
    {
        _settings = settings;
        _ports = ports;
        _ownership = new Ownership(ports.Own);
        _logs = new KeyLogs(Context, settings.MaxOpenLogs, OpenKey, SyncThen, (folder, read) =>
            ReaderOf(folder)
                .Tell(new ReadClosed(folder, read.Offset, read.MaxRecords, read.MaxBytes, read.RequestId), Self));
        _readers = new IActorRef[Math.Clamp(Environment.ProcessorCount, 1, 4)];
        for (var index = 0; index < _readers.Length; index++) StartReader(index);
    }

    protected override void PreRestart(Exception reason, object message)
    {
        var why = $"the kafka workload's actor failed: {reason.Message}";
        _logs.RefuseHeld(why);
        foreach (var ((asker, id), kind) in _unanswered) asker.Tell(new RequestFailed(kind, why, id), Self);

        // The log may have this one already.
        if (message is SendMessage send)
            Sender.Tell(new RequestFailed(FailureKind.OutcomeUnknown, why, send.RequestId), Self);
        base.PreRestart(reason, message);
    }

    protected override void PostStop() => _ownership.LetGo();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case KafkaRequest request when _ownership.Refusal() is { } reason:
                Sender.Tell(new RequestFailed(FailureKind.Unavailable, reason, request.RequestId), Self);
                break;
            case SendMessage send:
                _logs.Tell(FolderOf(send.Key), new Append(send.Json, send.RequestId), Sender);
                break;
            case Poll poll:
                _unanswered.Add((Sender, poll.RequestId), FailureKind.Unavailable);
                GoOn(new PollProgress(poll, Sender, _settings));
                break;
            case CommitOffsets or ListCommittedOffsets:
                if (_committed.IsNobody())
                    _committed = Context.Watch(Context.ActorOf(_ports.OpenCommitted(), "committed"));
                _committed.Forward(message);
                break;
            case SyncLog sync:
                _unanswered.Add((Sender, sync.RequestId), FailureKind.OutcomeUnknown);
                SyncAll(sync, Sender);
                break;
            case LogReply reply when _asked.Remove(reply.RequestId, out var then):
                then(reply);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_committed):
                _committed = ActorRefs.Nobody;
                break;
            case Terminated stopped when Array.IndexOf(_readers, stopped.ActorRef) is >= 0 and var index:
                StartReader(index);
                break;
            case Terminated stopped:
                _logs.OnTerminated(stopped.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private static string FolderOf(string key) => "keys/" + KafkaFolder.Of(key);

    private IActorRef ReaderOf(string folder) =>
        _readers[(uint)folder.GetHashCode(StringComparison.Ordinal) % (uint)_readers.Length];

    private void StartReader(int index) => _readers[index] = Context.Watch(Context.ActorOf(_ports.ReadClosed()));

    private Props OpenKey(string folder)
    {
        _closed.Forget(folder);
        return _ports.OpenKey(folder);
    }

    private void SyncThen(IActorRef log, Action then) => log.Tell(new SyncLog(Expect(_ => then())), Self);

    private long Expect(Action<LogReply> then)
    {
        _asked.Add(_nextId, then);
        return _nextId++;
    }

    private void Answer(IActorRef asker, LogReply reply)
    {
        _unanswered.Remove((asker, reply.RequestId));
        asker.Tell(reply, Self);
    }

    private void GoOn(PollProgress poll)
    {
        while (poll.TryNext(out var step)) Begin(poll, step);
        if (!poll.IsDone || poll.IsAnswered) return;
        poll.IsAnswered = true;
        Answer(poll.Asker, poll.Reply);
    }

    private void Begin(PollProgress poll, PollStep step)
    {
        var folder = FolderOf(step.From.Key);
        if (_logs.Has(folder))
        {
            ReadOpen(poll, step, folder);
        }
        else if (_closed.TryRead(folder, step, out var known))
        {
            poll.Add(step, known.FirstOffset, known.Payloads,
                known.FirstOffset + known.Payloads.Count >= known.EndOffset);
        }
        else
        {
            var id = Expect(reply => OnClosedRead(poll, step, folder, reply));
            ReaderOf(folder).Tell(new ReadClosed(folder, step.From.Offset, step.MaxMessages, step.MaxBytes, id), Self);
        }
    }

    private void ReadOpen(PollProgress poll, PollStep step, string folder)
    {
        var id = Expect(reply => OnRead(poll, step, folder, reply));
        var read = new ReadBatch(step.From.Offset, step.MaxMessages, step.MaxBytes, id) { Gaps = GapPolicy.Skip };
        _logs.Tell(folder, read, Self);
    }

    private void OnClosedRead(PollProgress poll, PollStep step, string folder, LogReply reply)
    {
        if (reply is OpeningNeeded)
        {
            ReadOpen(poll, step, folder);
            return;
        }

        // A send may have opened the log meanwhile; then the result must not be kept.
        if (reply is ClosedRead read && !_logs.Has(folder)) _closed.Note(folder, step.From.Offset, read);
        OnRead(poll, step, folder, reply);
    }

    private void OnRead(PollProgress poll, PollStep step, string folder, LogReply reply)
    {
        switch (reply)
        {
            case ClosedRead read:
                poll.Add(step, read.FirstOffset, read.Payloads,
                    read.FirstOffset + read.Payloads.Count >= read.EndOffset);
                break;
            case BatchRead read:
                // A read that stopped before its limits has reached the end.
                var bytes = read.Payloads.Sum(message => (long)message.Length);
                var isEnd = read.Payloads.Count < step.MaxMessages && bytes < step.MaxBytes / 2;
                poll.Add(step, read.FirstOffset, read.Payloads, isEnd);
                break;
            case OpeningNeeded:
                ReadOpen(poll, step, folder);
                return;
            case RequestFailed { Kind: FailureKind.NotFound }:
                // The offset is behind the log's end, where there is nothing yet.
                poll.Add(step, step.From.Offset, [], isEnd: true);
                break;
            case not null when poll.HasSome(step):
                poll.Add(step, step.From.Offset, [], isEnd: true);
                break;
            default:
                if (!poll.IsAnswered) Answer(poll.Asker, Failure(reply!, poll.RequestId));
                poll.IsAnswered = true;
                return;
        }

        if (!poll.IsAnswered) GoOn(poll);
    }

    private void SyncAll(SyncLog sync, IActorRef asker)
    {
        var logs = _logs.Open.ToList();
        if (!_committed.IsNobody()) logs.Add(_committed);
        var missing = logs.Count;
        LogReply result = new LogSynced(-1, sync.RequestId);
        if (missing == 0) Answer(asker, result);
        foreach (var log in logs)
        {
            var id = Expect(reply =>
            {
                if (reply is not LogSynced) result = Failure(reply, sync.RequestId);
                if (--missing == 0) Answer(asker, result);
            });
            log.Tell(new SyncLog(id), Self);
        }
    }

    private static RequestFailed Failure(LogReply reply, long requestId) => reply switch
    {
        RequestFailed failed => failed with { RequestId = requestId },
        RecordDamaged damaged => new RequestFailed(FailureKind.Unavailable, damaged.Reason, requestId),
        _ => new RequestFailed(FailureKind.OutcomeUnknown, "the log gave an answer of another kind", requestId),
    };
}
