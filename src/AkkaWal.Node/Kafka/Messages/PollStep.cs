namespace AkkaWal.Node.Kafka.Messages;

/// <summary>One read of a poll, for one of its keys.</summary>
/// <param name="Index">The index of the key in the poll.</param>
/// <param name="From">The key, and the offset of the first message.</param>
/// <param name="MaxMessages">The most messages to read.</param>
/// <param name="MaxBytes">The most bytes to read.</param>
internal readonly record struct PollStep(int Index, KeyOffset From, int MaxMessages, int MaxBytes);
