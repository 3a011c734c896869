using System.Runtime.CompilerServices;
using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>
/// Reads records batch by batch, as they are asked for: at most one batch is fetched ahead of the one that is being
/// worked on. A live one waits at the end of the log until the log tells of more.
/// </summary>
/// <param name="client">Whom to ask.</param>
/// <param name="options">Gaps and batch sizes.</param>
/// <param name="isLive">Whether it goes on at the end of the log, and across failures that may pass.</param>
internal sealed class RecordStream(WalClient client, ScanOptions options, bool isLive)
{
    // A smaller batch is the newest records, most likely: to fetch ahead would find nothing.
    private const int ManyRecords = 64, ManyBytes = 64 << 10;

    private readonly RetryingClient _retrying = new(client);

    /// <summary>The records from an offset on.</summary>
    internal async IAsyncEnumerable<WalRecord> Read(
        long offset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var skippedCount = 0L;
        Task<BatchRead>? ahead = null;
        try
        {
            while (true)
            {
                var fetch = ahead ?? Fetch(offset, cancellation);
                ahead = null;
                var batch = await fetch.ConfigureAwait(false);
                skippedCount += batch.FirstOffset - offset;
                offset = batch.NextOffset;
                if (batch.Payloads.Count == 0 && !isLive) yield break;

                var isLarge = IsLarge(batch.Payloads);
                if (isLarge) ahead = Fetch(offset, cancellation);
                for (var i = 0; i < batch.Payloads.Count; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    yield return new WalRecord(batch.FirstOffset + i, batch.Payloads[i])
                    {
                        SkippedCount = skippedCount,
                    };
                    skippedCount = 0;
                }
                if (isLive && !isLarge)
                    await _retrying.AwaitRecord(offset, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            // Nobody awaits it any more; its failure is nobody's.
            if (ahead is not null) _ = ahead.ContinueWith(
                static fetch => fetch.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }
    }

    private Task<BatchRead> Fetch(long offset, CancellationToken cancellation)
    {
        var request = new ReadBatch(offset, options.MaxBatchRecords, options.MaxBatchBytes) { Gaps = options.Gaps };
        return isLive
            ? _retrying.Ask<BatchRead>(request, cancellation)
            : client.Ask<BatchRead>(request, cancellation);
    }

    private static bool IsLarge(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        if (payloads.Count >= ManyRecords) return true;
        var bytes = 0L;
        foreach (var payload in payloads) bytes += payload.Length;
        return bytes >= ManyBytes;
    }
}
