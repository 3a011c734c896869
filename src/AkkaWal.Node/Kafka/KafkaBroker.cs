using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// Maelstrom's kafka workload over logs: one for each key, and one for the committed offsets.
/// </summary>
/// <remarks>
/// <code>
/// bridge -> KafkaBroker -> LogManager of a key (at most so many open), below NODE/kafka/keys
///     ^        |      \--> LogManager of the committed offsets, in NODE/kafka/committed
///     |        v
///     +-- Appended, straight from the key's log; everything else from here
/// </code>
/// What it asks logs on its own account has numbers of its own, and a continuation for each. Polls, commits and lists come
/// one at a time: the bridge sees to it.
/// </remarks>
internal sealed class KafkaBroker : UntypedActor
{
    private readonly KafkaSettings _settings;
    private readonly Func<string, bool> _exists;
    private readonly Func<string, Props> _open;
    private readonly KeyLogs _logs;
    private readonly Dictionary<long, Action<LogReply>> _asked = [];

    // Does not start at 0: an answer to a life before a restart must not be taken for one to this.
    private long _nextId = Stopwatch.GetTimestamp();
    private CommittedOffsets? _committed;
    private IActorRef _committedLog = ActorRefs.Nobody;

    /// <param name="settings">What bounds it.</param>
    /// <param name="exists">Whether there is a folder, relative to that of the broker.</param>
    /// <param name="open">The log in such a folder.</param>
    public KafkaBroker(KafkaSettings settings, Func<string, bool> exists, Func<string, Props> open)
    {
        _settings = settings;
        _exists = exists;
        _open = open;
        _logs = new KeyLogs(Context, settings.MaxOpenLogs, open, (log, then) => Ask(log, static id => new SyncLog(id), _ => then()));
    }

    protected override void OnReceive(object message)
    {
        var asker = Sender;
        switch (message)
        {
            case SendMessage send:
                _logs.Tell(FolderOf(send.Key), new Append(send.Json, send.RequestId), asker);
                break;
            case Poll poll:
                GoOn(new PollProgress(poll, asker));
                break;
            case CommitOffsets commit:
                WithCommitted(asker, commit.RequestId, committed => Commit(commit, committed, asker));
                break;
            case ListCommittedOffsets list:
                WithCommitted(asker, list.RequestId, committed => asker.Tell(new CommittedOffsetsListed(committed.Of(list.Keys), list.RequestId), Self));
                break;
            case SyncLog sync:
                SyncAll(sync, asker);
                break;
            case LogReply reply when _asked.Remove(reply.RequestId, out var then):
                then(reply);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_committedLog):
                _committedLog = ActorRefs.Nobody;
                break;
            case Terminated stopped:
                _logs.OnTerminated(stopped.ActorRef);
                break;
        }
    }

    private static string FolderOf(string key) => "keys/" + KafkaFolder.Of(key);

    private void Ask(IActorRef log, Func<long, LogRequest> make, Action<LogReply> then) => log.Tell(Make(make, then), Self);

    private LogRequest Make(Func<long, LogRequest> make, Action<LogReply> then)
    {
        long id = _nextId++;
        _asked.Add(id, then);
        return make(id);
    }

    // A key after the other, each with its share of what is left.
    private void GoOn(PollProgress poll)
    {
        while (poll.Next is { } from)
        {
            string folder = FolderOf(from.Key);
            int messages = poll.ShareOf(_settings.MaxPollMessages - poll.MessageCount);
            long bytes = poll.ShareOf(_settings.MaxPollBytes - poll.ByteCount);
            if (messages > 0 && bytes > 0 && (_logs.Has(folder) || _exists(folder)))
            {
                _logs.Tell(folder, Make(id => new ReadBatch(from.Offset, messages, (int)bytes, id), reply => Take(poll, from, reply)), Self);
                return;
            }

            poll.Add(from, []);
        }

        poll.Asker.Tell(new Polled(poll.Messages, poll.RequestId), Self);
    }

    private void Take(PollProgress poll, KeyOffset from, LogReply reply)
    {
        switch (reply)
        {
            case BatchRead read:
                poll.Add(from, read.Payloads);
                GoOn(poll);
                break;
            case RequestFailed { Kind: FailureKind.NotFound }:
                // Behind the log's end: there is nothing yet.
                poll.Add(from, []);
                GoOn(poll);
                break;
            default:
                poll.Asker.Tell(Failure(reply, poll.RequestId), Self);
                break;
        }
    }

    private void Commit(CommitOffsets commit, CommittedOffsets committed, IActorRef asker)
    {
        var ahead = committed.Ahead(commit.Offsets);
        if (ahead.Count == 0)
        {
            asker.Tell(new OffsetsCommitted(commit.RequestId), Self);
            return;
        }

        Ask(_committedLog, id => new Append(CommittedOffsets.Encode(ahead), id), reply =>
        {
            if (reply is Appended) committed.Advance(ahead);
            asker.Tell(reply is Appended ? new OffsetsCommitted(commit.RequestId) : Failure(reply, commit.RequestId), Self);
        });
    }

    // Reads the committed offsets back before the first use of them. What fails is tried anew by the next request.
    private void WithCommitted(IActorRef asker, long requestId, Action<CommittedOffsets> then)
    {
        if (_committedLog.IsNobody())
        {
            _committedLog = Context.Watch(Context.ActorOf(_open("committed"), "committed"));
            _committed = null;
        }

        if (_committed is not null) then(_committed);
        else ReadBack(new CommittedOffsets(), 0, asker, requestId, then);
    }

    private void ReadBack(CommittedOffsets committed, long offset, IActorRef asker, long requestId, Action<CommittedOffsets> then) =>
        Ask(_committedLog, id => new ReadBatch(offset, RequestId: id), reply =>
        {
            if (reply is not BatchRead read)
            {
                asker.Tell(Failure(reply, requestId), Self);
            }
            else if (read.Payloads.Count > 0)
            {
                foreach (var record in read.Payloads) committed.Advance(CommittedOffsets.Decode(record.Span));
                ReadBack(committed, read.NextOffset, asker, requestId, then);
            }
            else
            {
                _committed = committed;
                then(committed);
            }
        });

    private void SyncAll(SyncLog sync, IActorRef asker)
    {
        var logs = _logs.Open.ToList();
        if (!_committedLog.IsNobody()) logs.Add(_committedLog);
        int missing = logs.Count;
        LogReply result = new LogSynced(-1, sync.RequestId);
        if (missing == 0) asker.Tell(result, Self);
        foreach (var log in logs)
        {
            Ask(log, static id => new SyncLog(id), reply =>
            {
                if (reply is not LogSynced) result = Failure(reply, sync.RequestId);
                if (--missing == 0) asker.Tell(result, Self);
            });
        }
    }

    private static RequestFailed Failure(LogReply reply, long requestId) => reply switch
    {
        RequestFailed failed => failed with { RequestId = requestId },
        RecordDamaged damaged => new RequestFailed(FailureKind.Unavailable, damaged.Reason, requestId),
        _ => new RequestFailed(FailureKind.OutcomeUnknown, $"the log gave an answer of another kind: {reply.GetType().Name}", requestId),
    };
}
