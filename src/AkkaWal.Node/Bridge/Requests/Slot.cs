using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge.Requests;

/// <summary>A request under way, and its reply once there is one.</summary>
internal struct Slot
{
    /// <summary>The operation; null where the type is unknown, and for the last sync.</summary>
    public Operation? Operation;

    /// <summary>
    /// The reply's sender, as it stands between quotes: this node; before <c>init</c> the request's destination.
    /// </summary>
    public ReadOnlyMemory<byte> From;

    /// <summary>The request's sender, as it stands between quotes.</summary>
    public ReadOnlyMemory<byte> To;

    /// <summary>The digits of the request's <c>msg_id</c>; empty where it wants no reply.</summary>
    public ReadOnlyMemory<byte> MessageId;

    /// <summary>
    /// What is wrong with the request's fields; null where nothing is. The log is then only asked whether it is
    /// available.
    /// </summary>
    public string? Problem;

    /// <summary>For an append: the length and checksum of the payload, for the reply.</summary>
    public Receipt Receipt;

    /// <summary>The byte of the input at which the request starts.</summary>
    public long StartPosition;

    /// <summary>When the outcome counts as unknown, in ticks of the bridge's clock.</summary>
    public long Deadline;

    /// <summary>How much of <see cref="NodeSettings.WindowReadBytes"/> the reply takes, or will take at most.</summary>
    public long HeldBytes;

    /// <summary>For a read whose record waits for room: the record's offset and size.</summary>
    public (long Offset, int Bytes) Wanted;

    /// <summary>The reply; null until it is there.</summary>
    public LogReply? Reply;
}
