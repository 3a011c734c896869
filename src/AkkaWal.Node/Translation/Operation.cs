using System.Text;
using AkkaWal.Node.Json;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>Which requests may be under way together with one of this type, and how long it may take.</summary>
[Flags]
internal enum OperationTraits
{
    /// <summary>
    /// It is carried out alone: after all earlier requests are answered, and before any later one begins.
    /// </summary>
    Exclusive = 0,

    /// <summary>Many may be under way at a time. The log keeps their order.</summary>
    Pipelined = 1,

    /// <summary>Its reply carries payloads, so only a few may be under way.</summary>
    ReturnsPayload = 2,

    /// <summary>Its time grows with the segment's size, and it has its own deadline.</summary>
    Slow = 4,
}

/// <summary>The payload's data in an append's reply. Computed when the request is parsed.</summary>
/// <param name="LengthBytes">The payload's bytes.</param>
/// <param name="Checksum">The CRC-32C of the payload alone.</param>
internal readonly record struct Receipt(int LengthBytes, uint Checksum);

/// <summary>
/// A type of request. It turns the fields of a body into a message, and the message's reply into the fields of an
/// answer. Pure and without state; for any thread.
/// </summary>
internal abstract class Operation(string type, OperationTraits traits)
{
    /// <summary>The request's type, in UTF-8.</summary>
    public byte[] Type { get; } = Encoding.UTF8.GetBytes(type);

    /// <summary>The type of the answer, in UTF-8; an error has another type.</summary>
    public byte[] ReplyType { get; } = Encoding.UTF8.GetBytes(type + "_ok");

    /// <summary>Whether it may begin while others are under way.</summary>
    public bool IsPipelined => (traits & OperationTraits.Pipelined) != 0;

    /// <summary>Whether its reply carries payloads.</summary>
    public bool ReturnsPayload => (traits & OperationTraits.ReturnsPayload) != 0;

    /// <summary>Whether it has the deadline of slow operations.</summary>
    public bool IsSlow => (traits & OperationTraits.Slow) != 0;

    /// <summary>Makes the message. It is used only where <paramref name="fields"/> then has no problem.</summary>
    public abstract LogRequest Parse(ref FieldReader fields, long requestId, out Receipt receipt);

    /// <summary>Writes the operation's fields of the answer.</summary>
    /// <returns>False, with nothing written, where the reply does not belong to this operation.</returns>
    public abstract bool TryWrite(LogReply reply, in Receipt receipt, ReplyWriter writer);
}

/// <summary>An operation with one kind of reply, defined by functions.</summary>
/// <param name="type">The request's type.</param>
/// <param name="traits">Its traits.</param>
/// <param name="parse">Makes the message.</param>
/// <param name="write">Writes the operation's fields of the answer.</param>
/// <param name="writeDamaged">Writes them for a damaged record; null where that is an error.</param>
internal sealed class Operation<TReply>(
    string type,
    OperationTraits traits,
    Operation<TReply>.Parser parse,
    Action<TReply, ReplyWriter> write,
    Action<RecordDamaged, ReplyWriter>? writeDamaged = null) : Operation(type, traits)
    where TReply : LogReply
{
    /// <summary>Makes the message of a request.</summary>
    public delegate LogRequest Parser(ref FieldReader fields, long requestId);

    public override LogRequest Parse(ref FieldReader fields, long requestId, out Receipt receipt)
    {
        receipt = default;
        return parse(ref fields, requestId);
    }

    public override bool TryWrite(LogReply reply, in Receipt receipt, ReplyWriter writer)
    {
        if (reply is TReply expected) write(expected, writer);
        else if (reply is RecordDamaged damaged && writeDamaged is not null) writeDamaged(damaged, writer);
        else return false;
        return true;
    }
}
