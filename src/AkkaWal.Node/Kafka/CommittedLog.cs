using System.Diagnostics;
using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// Keeps the committed offsets in their own log. Answers <see cref="CommitOffsets"/>,
/// <see cref="ListCommittedOffsets"/> and <see cref="SyncLog"/>.
/// </summary>
/// <remarks>
/// <code>
///           first request                    all read
///   (start) -------------> Reading the log ------------> Serving
///      ^                         | failed: waiting requests get the error; the next request goes on from there
///      +------ log stopped ------+-----------------------------+
///
///   compaction    when commits have added several times what the offsets take:
///                 seal -> snapshot of all offsets into the next segment -> sync -> truncate before the snapshot
/// </code>
/// At any point of a compaction a crash leaves every offset in the log at least once, and reading one twice does no
/// harm. Commits go on during a compaction, behind the start of the snapshot. Retention never touches this log.
/// </remarks>
internal sealed class CommittedLog(Func<Props> open, KafkaSettings settings) : UntypedActor
{
    /// <summary>A log that has grown by less than this is not compacted.</summary>
    public const long LeastCompactedBytes = 1 << 20;

    /// <summary>A log is compacted when it has grown to this many times the size of its offsets.</summary>
    public const int Growth = 4;

    private const int ReadRecords = 100_000;
    private const int ReadBytes = 4 << 20;

    private readonly ILoggingAdapter _notes = Context.GetLogger();
    private readonly Queue<(LogRequest Request, IActorRef Asker)> _waiting = new();
    private readonly Dictionary<long, Action<LogReply>> _asked = [];
    private readonly Dictionary<(IActorRef Asker, long RequestId), FailureKind> _unanswered = [];
    private readonly CommittedOffsets _offsets = new();

    // Does not start at 0, so that no answer from before a restart matches a new request.
    private long _nextId = Stopwatch.GetTimestamp();
    private IActorRef _log = ActorRefs.Nobody;
    private long _readTo;
    private long _grownBytes;
    private int _commitsUnderWay;
    private bool _isReading;
    private bool _isRead;
    private bool _isCompacting;

    protected override void PreRestart(Exception reason, object message)
    {
        var why = $"the actor of the committed offsets failed: {reason.Message}";
        RefuseWaiting(FailureKind.Unavailable, why);
        foreach (var ((asker, id), kind) in _unanswered) asker.Tell(new RequestFailed(kind, why, id), Self);
        base.PreRestart(reason, message);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CommitOffsets or ListCommittedOffsets:
                _waiting.Enqueue(((LogRequest)message, Sender));
                if (_isRead) Serve();
                else ReadOn();
                break;
            case SyncLog sync when _log.IsNobody():
                Sender.Tell(new LogSynced(-1, sync.RequestId), Self);
                break;
            case SyncLog:
                _log.Forward(message);
                break;
            case LogReply reply when _asked.Remove(reply.RequestId, out var then):
                then(reply);
                break;
            case Terminated stopped when stopped.ActorRef.Equals(_log):
                throw new InvalidOperationException("their log has stopped");
            default:
                Unhandled(message);
                break;
        }
    }

    private void Ask(Func<long, LogRequest> make, Action<LogReply> then)
    {
        if (_log.IsNobody()) _log = Context.Watch(Context.ActorOf(open(), "log"));
        var id = _nextId++;
        _asked.Add(id, then);
        _log.Tell(make(id), Self);
    }

    private void Answer(IActorRef asker, LogReply reply)
    {
        _unanswered.Remove((asker, reply.RequestId));
        asker.Tell(reply, Self);
    }

    private void ReadOn()
    {
        if (_isReading) return;
        _isReading = true;
        Ask(id => new ReadBatch(_readTo, ReadRecords, ReadBytes, id) { Gaps = GapPolicy.Skip }, OnRecords);
    }

    private void OnRecords(LogReply reply)
    {
        _isReading = false;
        if (reply is not BatchRead read)
        {
            var (kind, reason) = reply switch
            {
                RequestFailed failed => (failed.Kind, failed.Reason),
                RecordDamaged damaged => (FailureKind.Unavailable, damaged.Reason),
                _ => (FailureKind.Unavailable, "their log gave an answer of another kind"),
            };
            RefuseWaiting(kind, $"the committed offsets can't be read: {reason}");
        }
        else if (Decode(read) is { } problem)
        {
            RefuseWaiting(FailureKind.Unavailable, $"the committed offsets can't be read: {problem}");
        }
        else if (read.Payloads.Count > 0)
        {
            _readTo = read.NextOffset;
            ReadOn();
        }
        else
        {
            _isRead = true;
            Serve();
            CompactIfDue();
        }
    }

    // Records may be applied again after a failed read, because offsets never go back.
    private string? Decode(BatchRead read)
    {
        for (var index = 0; index < read.Payloads.Count; index++)
        {
            try
            {
                _offsets.Advance(CommittedOffsets.Decode(read.Payloads[index].Span));
            }
            catch (JsonException e)
            {
                return $"the record at offset {read.FirstOffset + index} is no commit: {e.Message}";
            }

            _grownBytes += read.Payloads[index].Length;
        }

        return null;
    }

    private void Serve()
    {
        while (_waiting.TryDequeue(out var next))
        {
            if (next.Request is ListCommittedOffsets list)
                next.Asker.Tell(new CommittedOffsetsListed(_offsets.Of(list.Keys), list.RequestId), Self);
            else
                Commit((CommitOffsets)next.Request, next.Asker);
        }
    }

    private void Commit(CommitOffsets commit, IActorRef asker)
    {
        var ahead = _offsets.Ahead(commit.Offsets);
        if (ahead.Count == 0)
        {
            asker.Tell(new OffsetsCommitted(commit.RequestId), Self);
            return;
        }

        if (_offsets.SizeBytes + _offsets.NewBytesOf(ahead) > settings.MaxCommittedBytes)
        {
            var why = $"committed offsets take {_offsets.SizeBytes} bytes, and these would exceed the "
                + $"{settings.MaxCommittedBytes} of akka-wal.node.kafka.max-committed-bytes";
            asker.Tell(new RequestFailed(FailureKind.Unavailable, why, commit.RequestId), Self);
            return;
        }

        var record = CommittedOffsets.Encode(ahead);
        _commitsUnderWay++;
        _unanswered.Add((asker, commit.RequestId), FailureKind.OutcomeUnknown);
        Ask(id => new Append(record, id), reply =>
        {
            _commitsUnderWay--;
            if (reply is Appended)
            {
                _offsets.Advance(ahead);
                _grownBytes += record.Length;
                Answer(asker, new OffsetsCommitted(commit.RequestId));
            }
            else
            {
                Answer(asker, reply is RequestFailed failed
                    ? failed with { RequestId = commit.RequestId }
                    : new RequestFailed(FailureKind.OutcomeUnknown, "their log gave an answer of another kind",
                        commit.RequestId));
            }

            CompactIfDue();
        });
    }

    // Not while a commit is under way: its record could lie before the snapshot, which does not contain it, and would
    // be truncated.
    private void CompactIfDue()
    {
        if (_isCompacting || _commitsUnderWay > 0) return;
        if (_grownBytes <= Math.Max(LeastCompactedBytes, Growth * _offsets.SizeBytes)) return;
        _isCompacting = true;
        _grownBytes = 0;
        var snapshot = _offsets.Snapshot();

        // The seal of an empty segment is refused. It serves as well as a new one.
        Ask(static id => new SealActiveSegment(id), reply =>
        {
            if (reply is SegmentSealed or RequestFailed { Kind: FailureKind.Precondition }) Append(snapshot);
            else EndCompaction(reply);
        });
    }

    private void Append(IReadOnlyList<ReadOnlyMemory<byte>> snapshot)
    {
        long? first = null;
        var missing = snapshot.Count;
        LogReply? failure = null;
        foreach (var record in snapshot)
        {
            Ask(id => new Append(record, id), reply =>
            {
                if (reply is Appended appended) first ??= appended.Offset;
                else failure ??= reply;
                if (--missing > 0) return;
                if (failure is null) Ask(static id => new SyncLog(id), synced => Truncate(synced, first!.Value));
                else EndCompaction(failure);
            });
        }
    }

    private void Truncate(LogReply synced, long before)
    {
        if (synced is LogSynced) Ask(id => new TruncateBefore(before, id), EndCompaction);
        else EndCompaction(synced);
    }

    private void EndCompaction(LogReply reply)
    {
        _isCompacting = false;
        if (reply is RequestFailed failed)
            _notes.Warning("the log of committed offsets could not be compacted: {0}", failed.Reason);
    }

    private void RefuseWaiting(FailureKind kind, string reason)
    {
        while (_waiting.TryDequeue(out var next))
            next.Asker.Tell(new RequestFailed(kind, reason, next.Request.RequestId), Self);
    }
}
