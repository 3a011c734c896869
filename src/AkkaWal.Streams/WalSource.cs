using Akka;
using Akka.Streams.Dsl;

namespace AkkaWal.Streams;

/// <summary>Sources of a log's records, in the order of their offsets.</summary>
public static class WalSource
{
    /// <summary>
    /// Every record from an offset to the end of the log, including records that are appended meanwhile. Then it
    /// completes. Each materialization reads anew.
    /// </summary>
    /// <remarks>
    /// It reads on demand, one batch ahead at most. It fails with the error that <see cref="IWalClient.ScanAsync"/>
    /// throws: a <see cref="WalRequestException"/>.
    /// </remarks>
    /// <param name="client">The log.</param>
    /// <param name="fromOffset">0 or more, and at most the log's next offset.</param>
    /// <param name="options">Gaps and batch sizes; null for the defaults.</param>
    public static Source<WalRecord, NotUsed> Scan(IWalClient client, long fromOffset, ScanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Source.From(() => client.ScanAsync(fromOffset, options));
    }

    /// <summary>
    /// As <see cref="Scan"/>, and then every record that is appended later. It never completes by itself. A stream
    /// without demand costs the log nothing.
    /// </summary>
    /// <param name="client">The log.</param>
    /// <param name="fromOffset">0 or more, and at most the log's next offset.</param>
    /// <param name="options">Gaps and batch sizes; null for the defaults.</param>
    public static Source<WalRecord, NotUsed> Follow(IWalClient client, long fromOffset, ScanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Source.From(() => client.FollowAsync(fromOffset, options));
    }
}
