namespace AkkaWal.Node.Kafka;

/// <summary>The section <c>akka-wal.node.kafka</c> of node.conf.</summary>
internal sealed record KafkaSettings
{
    /// <summary>How many keys' logs may be open at a time.</summary>
    public int MaxOpenLogs { get; init; } = 64;

    /// <summary>How many messages a poll gives, all keys together; each key that has one gives one at least.</summary>
    public int MaxPollMessages { get; init; } = 1000;

    /// <summary>How many bytes of messages a poll gives.</summary>
    public int MaxPollBytes { get; init; } = 1 << 20;
}
