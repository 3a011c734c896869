using Akka.Actor;

namespace AkkaWal.Node.Bridge;

/// <summary>Stop reading: what was read so far is carried out, answered and made durable, and then it ends.</summary>
internal sealed record StopReading : INoSerializationVerificationNeeded
{
    public static readonly StopReading Instance = new();
}

/// <summary>Looks whether the oldest request is overdue.</summary>
internal sealed record DeadlineTick : INoSerializationVerificationNeeded
{
    public static readonly DeadlineTick Instance = new();
}

/// <summary>
/// Answers what is overdue. It follows a tick through the mailbox, so that replies that were in already come first: a
/// process that was suspended gives up on nothing.
/// </summary>
internal sealed record GiveUpOverdue : INoSerializationVerificationNeeded
{
    public static readonly GiveUpOverdue Instance = new();
}

/// <summary>Hands the replies of this batch to standard output: comes behind whatever was in the mailbox when they were written.</summary>
internal sealed record FlushReplies : INoSerializationVerificationNeeded
{
    public static readonly FlushReplies Instance = new();
}

/// <summary>The bridge is done.</summary>
/// <param name="Problem">Why it could not end in good order; null where it could.</param>
internal sealed record BridgeEnd(string? Problem);
