using Akka.Streams.Dsl;

namespace AkkaWal.Streams;

/// <summary>A sink that appends to a log.</summary>
public static class WalSink
{
    /// <summary>Appends each payload, as <see cref="WalFlow.Append"/>.</summary>
    /// <param name="client">The log.</param>
    /// <param name="options">Batch sizes; null for the defaults.</param>
    /// <returns>
    /// A sink. Its task returns the number of records, once the last one is as durable as the flush policy promises.
    /// The task fails if the stream fails.
    /// </returns>
    public static Sink<ReadOnlyMemory<byte>, Task<long>> Append(IWalClient client, AppendOptions? options = null) =>
        WalFlow.Append(client, options)
            .ToMaterialized(Sink.Aggregate<long, long>(0, static (count, _) => count + 1), Keep.Right);
}
