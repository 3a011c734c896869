using System.Runtime.CompilerServices;
using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>
/// Reads records batch by batch as they are requested. At most one batch is fetched ahead. A live stream waits at the
/// end of the log for more records.
/// </summary>
/// <param name="client">The client of the log.</param>
/// <param name="options">Gaps and batch sizes.</param>
/// <param name="isLive">Whether it goes on at the end of the log, and tries again after failures that may pass.</param>
internal sealed class RecordStream(WalClient client, ScanOptions options, bool isLive)
{
    // A smaller batch is probably at the end of the log, and there is nothing to fetch ahead.
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
            // The fetch is not awaited any more. Its exception is observed here.
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
