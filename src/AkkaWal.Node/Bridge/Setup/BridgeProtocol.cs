using Akka.Actor;

namespace AkkaWal.Node.Bridge.Setup;

/// <summary>
/// Stop reading. Requests that were read are carried out and answered, the logs are synced, and then the bridge ends.
/// </summary>
internal sealed record StopReading : INoSerializationVerificationNeeded
{
    public static readonly StopReading Instance = new();
}

/// <summary>The deadline of the oldest request has come.</summary>
internal sealed record DeadlineTick : INoSerializationVerificationNeeded
{
    public static readonly DeadlineTick Instance = new();
}

/// <summary>
/// Answer the requests that are overdue. The bridge sends this to itself on a tick, so that replies that are in the
/// mailbox already are taken first: after the process was suspended, no request is given up that has its reply.
/// </summary>
internal sealed record GiveUpOverdue : INoSerializationVerificationNeeded
{
    public static readonly GiveUpOverdue Instance = new();
}

/// <summary>
/// Hand the replies to standard output. The bridge sends this to itself, behind the messages that were in the mailbox
/// when the replies were written.
/// </summary>
internal sealed record FlushReplies : INoSerializationVerificationNeeded
{
    public static readonly FlushReplies Instance = new();
}

/// <summary>The bridge is done.</summary>
/// <param name="Problem">Why it could not end cleanly; null where it did.</param>
internal sealed record BridgeEnd(string? Problem);
