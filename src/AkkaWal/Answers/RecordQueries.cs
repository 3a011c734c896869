using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Answers;

/// <summary>Answers reads from one segment's records. The query's offset must be in the segment.</summary>
internal static class RecordQueries
{
    /// <summary>Answers a query. A batch that goes on behind the segment is passed to the manager.</summary>
    /// <param name="query">The request.</param>
    /// <param name="asker">The actor that gets the reply.</param>
    /// <param name="records">The segment.</param>
    /// <param name="baseOffset">The segment's first offset.</param>
    /// <param name="visibleNextOffset">The end of the records that may be read.</param>
    /// <param name="manager">The manager, which knows the next segment; null if the log ends with this one.</param>
    /// <param name="self">The sender of the replies.</param>
    /// <param name="metrics">The log's.</param>
    internal static void Answer(
        IRecordQuery query,
        IActorRef asker,
        SegmentRecords records,
        long baseOffset,
        long visibleNextOffset,
        IActorRef? manager,
        IActorRef self,
        LogMetrics metrics)
    {
        try
        {
            switch (query)
            {
                case Read read when SizeBeyondLimit(read, records) is { } payloadBytes:
                    asker.Tell(new RecordTooLarge(read.Offset, payloadBytes, read.RequestId), self);
                    break;
                case Read read:
                    asker.Tell(new RecordRead(read.Offset, records.Read(read.Offset), read.RequestId), self);
                    break;
                case Locate locate:
                    var (position, length) = records.Locate(locate.Offset);
                    asker.Tell(
                        new RecordLocated(
                            locate.Offset, SegmentName.Log(baseOffset), position, length, locate.RequestId),
                        self);
                    break;
                case ContinueBatch batch:
                    ReadOn(batch, records, visibleNextOffset, manager, self);
                    break;
            }
        }
        catch (WalException e)
        {
            Refuse(query, asker, e, self, metrics);
        }
        catch (OutOfMemoryException)
        {
            var reason =
                $"there is no memory for what is read at offset {query.Offset} of {SegmentName.Log(baseOffset)}: "
                + "ask for less, or again";
            Requests.Refuse(query, asker, FailureKind.Aborted, reason, self, metrics);
        }
    }

    /// <summary>
    /// Answers a query whose segment can't be read: with a damaged record if that is the cause, otherwise as
    /// unavailable.
    /// </summary>
    internal static void Refuse(
        IRecordQuery query, IActorRef asker, WalException cause, IActorRef self, LogMetrics metrics)
    {
        switch (query)
        {
            // Answer with the records read so far. A later request that begins at the damaged record learns of the
            // damage.
            case ContinueBatch { Payloads.Count: > 0 } batch:
                batch.Answer(self);
                break;
            case ContinueBatch batch:
                batch.Answer(Failure(batch.Request.Offset, cause, batch.Request.RequestId, metrics), self);
                break;
            case Read read:
                asker.Tell(Failure(read.Offset, cause, read.RequestId, metrics), self);
                break;
            case Locate locate:
                asker.Tell(Failure(locate.Offset, cause, locate.RequestId, metrics), self);
                break;
        }
    }

    private static int? SizeBeyondLimit(Read read, SegmentRecords records)
    {
        if (read.MaxPayloadBytes == int.MaxValue) return null;
        var payloadBytes = records.BytesOf(read.Offset, 1, 0) - Frame.HeaderBytes;
        return payloadBytes > read.MaxPayloadBytes && FrameReader.IsFrameSize(payloadBytes + Frame.HeaderBytes)
            ? (int)payloadBytes : null;
    }

    private static LogReply Failure(long offset, WalException cause, long requestId, LogMetrics metrics)
    {
        var kind = FailureKinds.Of(cause);
        metrics.Refused(kind);
        return cause is WalDamagedException
            ? new RecordDamaged(offset, cause.Message, requestId)
            : new RequestFailed(kind, cause.Message, requestId);
    }

    private static void ReadOn(
        ContinueBatch batch, SegmentRecords records, long visibleNextOffset, IActorRef? manager, IActorRef self)
    {
        var before = batch.Payloads.Count;
        // The first record of a batch may have any size. Later ones must fit.
        if (before > 0 && records.Locate(batch.NextOffset).PayloadBytes > batch.BytesLeft)
        {
            batch.Answer(self);
            return;
        }
        var most = (int)Math.Min(batch.RecordsLeft, visibleNextOffset - batch.NextOffset);
        var wentOn = records.ReadBatch(batch.NextOffset, most, batch.BytesLeft, batch.Payloads);
        var left = batch.BytesLeft;
        for (var i = before; i < batch.Payloads.Count; i++) left -= batch.Payloads[i].Length;
        var read = batch with { BytesLeft = left };
        var mayGoOn = wentOn && manager is not null && read.RecordsLeft > 0 && left > 0
            && read.NextOffset == visibleNextOffset;
        if (mayGoOn && read.TryGoOn(out var on)) manager!.Tell(on, self);
        else read.Answer(self);
    }
}
