using System.Runtime.CompilerServices;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal;

/// <summary>
/// The log for code that awaits: one method a request of <see cref="LogRequest"/>. Safe for any number of threads;
/// actors better tell the <see cref="LogManager"/> themselves.
/// </summary>
/// <remarks>
/// Every method throws <see cref="WalRequestException"/> where the log refuses, and where no reply came in time: an
/// append is then of unknown outcome. A cancelled call says nothing about whether the append happened.
/// </remarks>
/// <param name="log">A <see cref="LogManager"/>, here or on another node.</param>
/// <param name="timeout">How long to wait for a reply.</param>
public sealed class WalClient(IActorRef log, TimeSpan timeout)
{
    /// <summary>Adds a record; returns its offset once it is as durable as the flush policy promises.</summary>
    public async Task<long> AppendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellation = default) =>
        (await Ask<Appended>(new Append(payload), cancellation).ConfigureAwait(false)).Offset;

    /// <summary>Adds records, all or none; returns the first one's offset.</summary>
    public async Task<long> AppendBatchAsync(IReadOnlyList<ReadOnlyMemory<byte>> payloads, CancellationToken cancellation = default) =>
        (await Ask<BatchAppended>(new AppendBatch(payloads), cancellation).ConfigureAwait(false)).FirstOffset;

    /// <summary>A record's payload.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellation = default) =>
        (await Ask<RecordRead>(new Read(offset), cancellation).ConfigureAwait(false)).Payload;

    /// <summary>Records from an offset on, as <see cref="ReadBatch"/> tells.</summary>
    public Task<BatchRead> ReadBatchAsync(long offset, int maxRecords = 1000, int maxBytes = 1 << 20, CancellationToken cancellation = default) =>
        Ask<BatchRead>(new ReadBatch(offset, maxRecords, maxBytes), cancellation);

    /// <summary>Every record from an offset to what is the end when it is reached, with its offset. Throws at a damaged
    /// record, and at a gap unless it is to be skipped.</summary>
    public async IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Payload)> ScanAsync(
        long offset, GapPolicy gaps = GapPolicy.Stop, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            var batch = await Ask<BatchRead>(new ReadBatch(offset) { Gaps = gaps }, cancellation).ConfigureAwait(false);
            if (batch.Payloads.Count == 0) yield break;
            offset = batch.FirstOffset;
            foreach (var payload in batch.Payloads) yield return (offset++, payload);
        }
    }

    /// <summary>What the log holds.</summary>
    public Task<LogInfo> GetInfoAsync(CancellationToken cancellation = default) =>
        Ask<LogInfo>(new GetLogInfo(), cancellation);

    /// <summary>
    /// The segments, oldest first; from another node in as many parts as it takes, each as of its own moment.
    /// </summary>
    public async Task<IReadOnlyList<SegmentInfo>> GetSegmentsAsync(CancellationToken cancellation = default)
    {
        var list = await Ask<SegmentList>(new GetSegments(), cancellation).ConfigureAwait(false);
        if (list.ContinueAt is null) return list.Segments;
        List<SegmentInfo> segments = [.. list.Segments];
        while (list.ContinueAt is { } offset)
        {
            list = await Ask<SegmentList>(new GetSegments { FromOffset = offset }, cancellation).ConfigureAwait(false);
            segments.AddRange(list.Segments);
        }
        return segments;
    }

    /// <summary>Makes everything appended so far durable; returns the last offset that is on the disk.</summary>
    public async Task<long> SyncAsync(CancellationToken cancellation = default) =>
        (await Ask<LogSynced>(new SyncLog(), cancellation).ConfigureAwait(false)).DurableOffset;

    /// <summary>Sends any request; returns the reply that it has when it succeeds.</summary>
    public async Task<TReply> Ask<TReply>(LogRequest request, CancellationToken cancellation = default) where TReply : LogReply
    {
        LogReply reply;
        try
        {
            reply = await log.Ask<LogReply>(request, timeout, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new WalRequestException(FailureKind.OutcomeUnknown, $"no reply within {timeout}", e);
        }
        return reply switch
        {
            TReply expected => expected,
            RequestFailed failed => throw new WalRequestException(failed),
            RecordDamaged damaged => throw new WalRequestException(FailureKind.Unavailable, damaged.Reason),
            _ => throw new WalRequestException(FailureKind.OutcomeUnknown, $"{reply.GetType().Name} is no reply to {request.GetType().Name}"),
        };
    }
}
