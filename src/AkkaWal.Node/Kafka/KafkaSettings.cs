namespace AkkaWal.Node.Kafka;

/// <summary>The settings of the kafka workload: section <c>akka-wal.node.kafka</c> of node.conf.</summary>
internal sealed record KafkaSettings
{
    /// <summary>How many keys' logs may be open at a time.</summary>
    public int MaxOpenLogs { get; init; } = 64;

    /// <summary>How many messages a poll returns at most, all keys together.</summary>
    public int MaxPollMessages { get; init; } = 10_000;

    /// <summary>
    /// How many bytes of messages a poll returns at most. The first message of a key comes whatever its size.
    /// </summary>
    public int MaxPollBytes { get; init; } = 1 << 20;

    /// <summary>How many bytes the committed offsets and their keys may take in memory.</summary>
    public long MaxCommittedBytes { get; init; } = 64 << 20;
}
