using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge;

/// <summary>The place of one request between its line and its reply.</summary>
internal struct Slot
{
    /// <summary>What was asked for; null where the type is unknown, and the reply an error.</summary>
    public Operation? Operation;

    /// <summary>Who answers, as it stands between quotes: the node, or before <c>init</c> whom the request was sent to.</summary>
    public ReadOnlyMemory<byte> From;

    /// <summary>Who asked, as it stands between quotes.</summary>
    public ReadOnlyMemory<byte> To;

    /// <summary>The request's <c>msg_id</c> in digits; empty where it wants no answer.</summary>
    public ReadOnlyMemory<byte> MessageId;

    /// <summary>Which field is not as it must be. The log is asked for no more than whether it is available then.</summary>
    public string? Problem;

    /// <summary>What an append's reply says of its payload.</summary>
    public Receipt Receipt;

    /// <summary>The byte of the input at which the request starts.</summary>
    public long StartPosition;

    /// <summary>The time, in ticks of the bridge's clock, from which on the outcome counts as unknown.</summary>
    public long Deadline;

    /// <summary>What the reply holds of <see cref="NodeSettings.WindowReadBytes"/>, or will hold at most.</summary>
    public long HeldBytes;

    /// <summary>Of a read whose record has to wait for room: its offset and its size.</summary>
    public (long Offset, int Bytes) Wanted;

    /// <summary>The reply; null while it is not in.</summary>
    public LogReply? Reply;
}
