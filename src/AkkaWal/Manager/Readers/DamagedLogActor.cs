using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Serialization;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Manager.Readers;

/// <summary>
/// Reads a log that can't be opened since one of its files is damaged, missing or not its own. It serves every whole
/// record up to a bad tail, and changes nothing. All other requests are refused with the damage as the reason.
/// </summary>
/// <param name="segmentFiles">The log's files.</param>
/// <param name="ownsLock">Whether the manager holds the log's lock.</param>
/// <param name="settings">The limits for open segments and for the memory of indexes.</param>
/// <param name="reason">The damage, from <see cref="FaultText"/>.</param>
/// <param name="metrics">The log's.</param>
internal sealed class DamagedLogActor(
    SegmentFiles segmentFiles, bool ownsLock, WalSettings settings, string reason, LogMetrics metrics) : UntypedActor
{
    private readonly BatchBudget _batches = new(ReadBatch.MostBytes);
    private readonly RemoteFrame _frame = RemoteFrame.Of(Context.System);
    private LogReader? _reader;

    protected override void PreRestart(Exception reason, object message)
    {
        var why = $"the reader crashed: {reason.Message}";
        if (message is ILogMessage told)
            Requests.Refuse(told, Sender, FailureKind.Unavailable, why, Self, metrics);
        PostStop();
    }

    protected override void PostStop() => _reader?.Dispose();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReadUnopened { Query: DescribeTail question }:
                Answer(question.Request, question.Asker);
                break;
            case ReadUnopened query:
                Answer(query.Query, query.Asker);
                break;
            // From this actor itself when a batch goes on from one segment to the next.
            case ContinueBatch batch:
                Answer(batch, batch.Asker);
                break;
            case Leave:
                Context.Stop(Self);
                break;
            case IOwedMessage request:
                Answer(request, Sender);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Answer(IOwedMessage message, IActorRef asker)
    {
        try
        {
            switch (message)
            {
                case ReadBatch batch:
                    Answer(ContinueBatch.Of(_frame.Fit(batch, asker), asker, _batches), asker);
                    break;
                case IRecordQuery query:
                    AnswerQuery(query, asker);
                    break;
                case GetSegments request:
                    Reader.Refresh();
                    var list = CatalogAnswers.ListOf(request, Reader.Segments, _frame.MostSegments(asker));
                    asker.Tell(list is SegmentList segments ? segments with { Damage = reason } : list, Self);
                    break;
                case GetLogInfo request:
                    asker.Tell(Describe(request), Self);
                    break;
                default:
                    Refuse(message, asker, reason);
                    break;
            }
        }
        catch (WalException e)
        {
            if (message is IRecordQuery query) RecordQueries.Refuse(query, asker, e, Self, metrics);
            else Refuse(message, asker, e.Message);
        }
    }

    private LogReader Reader => _reader ??= LogReader.OpenOwn(segmentFiles, ownsLock, new LogReaderOptions
    {
        Archive = segmentFiles.Options.Archive,
        MaxOpenSegments = settings.MaxOpenSegments,
        MaxIndexBytes = settings.MaxIndexBytes,
    });

    private void AnswerQuery(IRecordQuery query, IActorRef asker)
    {
        var offset = query.Offset;
        if (query is ContinueBatch { Payloads.Count: 0, Request.Gaps: GapPolicy.Skip } batch
            && Reader.BehindGap(offset) is var behind && behind != offset)
        {
            offset = behind;
            query = batch with { Request = batch.Request with { Offset = behind } };
        }
        if (Reader.TryFind(offset) is var (records, baseOffset, nextOffset))
            RecordQueries.Answer(query, asker, records, baseOffset, nextOffset, Self, Self, metrics);
        else if (query is ContinueBatch { Payloads.Count: > 0 } on) on.Answer(Self);
        // Records that were acknowledged and are missing are damaged records. Nothing is known about later offsets.
        else if (offset >= Reader.NextOffset && offset < Reader.ClaimedNextOffset)
            asker.Tell(new RecordDamaged(offset, reason, query.RequestId), Self);
        else if (offset >= Reader.NextOffset) Refuse(query, asker, reason);
        // Records of a missing file are unavailable rather than damaged: the file may be put back.
        else if (Reader.ErrorOfMissing(offset) is { } missing) Refuse(query, asker, missing.Message);
        else
        {
            var holds = $"{Reader.StartOffset} to {Reader.NextOffset - 1} is what it may hold";
            var why = $"offset {offset} is not in the log: {holds}; {reason}";
            Requests.Refuse(query, asker, FailureKind.NotFound, why, Self, metrics);
        }
    }

    private LogInfo Describe(GetLogInfo request)
    {
        Reader.Refresh();
        var segments = Reader.Segments;
        return new LogInfo(
            segments.Sum(segment => segment.RecordCount), segments.Sum(segment => segment.SizeBytes),
            IsFullyDurable: false,
            Reader.StartOffset, Reader.NextOffset, request.RequestId)
        {
            ReadOnlyReason = reason,
            ReadOnlyKind = FailureKind.Unavailable,
            Damage = reason,
        };
    }

    private void Refuse(IOwedMessage message, IActorRef asker, string why) =>
        Requests.Refuse(message, asker, FailureKind.Unavailable, why, Self, metrics);
}
