using Akka;
using Akka.Streams.Dsl;

namespace AkkaWal.Streams;

/// <summary>Flows that append to a log.</summary>
/// <remarks>
/// With one batch under way at a time, as by default, records are appended in their order. Records that arrive while
/// the log commits share the next batch. If the log is slower than the stream, the stream is backpressured. A batch is
/// appended as a whole or not at all. If a batch fails, the stream fails with its <see cref="WalRequestException"/>,
/// whose kind says whether that batch happened. Earlier batches were appended; later ones that were under way may have
/// been.
/// </remarks>
public static class WalFlow
{
    /// <summary>
    /// Appends each payload and emits its offset, once the record is as durable as the flush policy promises.
    /// </summary>
    /// <param name="client">The log.</param>
    /// <param name="options">Batch sizes; null for the defaults.</param>
    public static Flow<ReadOnlyMemory<byte>, long, NotUsed> Append(IWalClient client, AppendOptions? options = null) =>
        Flow.Create<ReadOnlyMemory<byte>>()
            .Select(static payload => (payload, NotUsed.Instance))
            .Via(AppendWithContext<NotUsed>(client, options))
            .Select(static appended => appended.Offset);

    /// <summary>As <see cref="Append"/>, with a context for each payload, which is emitted with the offset.</summary>
    /// <typeparam name="TContext">The context's type, for instance a message to confirm.</typeparam>
    /// <param name="client">The log.</param>
    /// <param name="options">Batch sizes; null for the defaults.</param>
    public static Flow<(ReadOnlyMemory<byte> Payload, TContext Context), (long Offset, TContext Context), NotUsed>
        AppendWithContext<TContext>(IWalClient client, AppendOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= AppendOptions.Default;
        // A record's weight is its share of both limits.
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
