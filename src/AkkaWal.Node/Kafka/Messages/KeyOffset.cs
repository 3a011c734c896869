namespace AkkaWal.Node.Kafka.Messages;

/// <summary>An offset in a key's log.</summary>
internal sealed record KeyOffset(string Key, long Offset);
