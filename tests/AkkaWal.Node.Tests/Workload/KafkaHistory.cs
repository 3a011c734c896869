namespace AkkaWal.Node.Tests.Workload;

/// <summary>The outcome of an operation, as its client knows it.</summary>
internal enum Outcome
{
    Ok,

    /// <summary>It definitely did not happen.</summary>
    Failed,

    /// <summary>It may have happened, or may happen yet.</summary>
    Unknown,
}

/// <summary>An operation of a client, when it was done. A client that lost track of its last request goes on as another
/// process.</summary>
/// <param name="Process">The client's process.</param>
internal abstract record Done(int Process);

/// <summary>A message that was sent. Each value is sent to a key once.</summary>
internal sealed record Sent(int Process, string Key, int Value, long Offset, Outcome Outcome) : Done(Process);

/// <summary>Messages that a poll gave.</summary>
/// <param name="Process">The client's process.</param>
/// <param name="Assignment">Which of its assignments it belongs to: within one, polls of a key go on where the last one
/// ended.</param>
/// <param name="Messages">The messages of each key.</param>
internal sealed record PolledMessages(int Process, int Assignment, IReadOnlyDictionary<string,
    List<(long Offset, int Value)>> Messages)
    : Done(Process);
