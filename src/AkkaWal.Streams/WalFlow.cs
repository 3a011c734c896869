using Akka;
using Akka.Streams.Dsl;

namespace AkkaWal.Streams;

/// <summary>Flows that append to a log.</summary>
/// <remarks>
/// Records are appended in the order in which they come. What comes while the log commits shares the next batch; where
/// the log is slower than the stream, the stream is held back. A batch is there as a whole or not at all. Where one
/// fails, the stream fails with its <see cref="WalRequestException"/>, whose kind says whether that batch happened;
/// batches before it were appended, and those that were under way behind it may have been.
/// </remarks>
public static class WalFlow
{
    /// <summary>
    /// Appends each payload, and gives out its offset once it is as durable as the flush policy promises.
    /// </summary>
    /// <param name="client">The log.</param>
    /// <param name="options">Batch sizes; the defaults where null.</param>
    public static Flow<ReadOnlyMemory<byte>, long, NotUsed> Append(IWalClient client, AppendOptions? options = null) =>
        Flow.Create<ReadOnlyMemory<byte>>()
            .Select(static payload => (payload, NotUsed.Instance))
            .Via(AppendWithContext<NotUsed>(client, options))
            .Select(static appended => appended.Offset);

    /// <summary>
    /// As <see cref="Append"/>, with something of the caller's beside each payload that comes out with its offset.
    /// </summary>
    /// <typeparam name="TContext">The message that is to be confirmed, say.</typeparam>
    /// <param name="client">The log.</param>
    /// <param name="options">Batch sizes; the defaults where null.</param>
    public static Flow<(ReadOnlyMemory<byte> Payload, TContext Context), (long Offset, TContext Context), NotUsed>
        AppendWithContext<TContext>(IWalClient client, AppendOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= AppendOptions.Default;
        // A record weighs what it takes of either limit.
        var weightOfRecord = (options.MaxBatchBytes + options.MaxBatchRecords - 1) / options.MaxBatchRecords;
        return Flow.Create<(ReadOnlyMemory<byte> Payload, TContext Context)>()
            .BatchWeighted(
                options.MaxBatchBytes,
                record => Math.Max(record.Payload.Length, weightOfRecord),
                static record => new List<(ReadOnlyMemory<byte> Payload, TContext Context)> { record },
                static (batch, record) =>
                {
                    batch.Add(record);
                    return batch;
                })
            .SelectAsync(options.MaxBatchesUnderWay, batch => AppendAsync(client, batch))
            .SelectMany(static appended => appended);
    }

    private static async Task<IEnumerable<(long Offset, TContext Context)>> AppendAsync<TContext>(
        IWalClient client, List<(ReadOnlyMemory<byte> Payload, TContext Context)> batch)
    {
        var first = batch.Count == 1
            ? await client.AppendAsync(batch[0].Payload).ConfigureAwait(false)
            : await client.AppendBatchAsync(batch.ConvertAll(static record => record.Payload)).ConfigureAwait(false);
        return batch.Select((record, i) => (first + i, record.Context));
    }
}
