using System.Text;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>How requests of a type keep their place among the others.</summary>
[Flags]
internal enum OperationTraits
{
    /// <summary>Carried out alone: after the replies of all earlier requests are in, and before any later one is begun.</summary>
    Exclusive = 0,

    /// <summary>Many under way at a time; the log keeps their order.</summary>
    Pipelined = 1,

    /// <summary>Its reply is as large as a record, so that only a few may be under way.</summary>
    ReturnsPayload = 2,

    /// <summary>It takes as long as a segment is large: its deadline is another one.</summary>
    Slow = 4,
}

/// <summary>What the reply to an append says of its payload; computed where the payload is still at hand.</summary>
/// <param name="LengthBytes">The payload's bytes.</param>
/// <param name="Checksum">The CRC-32C of the payload alone.</param>
internal readonly record struct Receipt(int LengthBytes, uint Checksum);

/// <summary>
/// A type of request: from the fields of its body to a message, and from the message's reply to the fields of an answer.
/// Pure, without state, and used from any thread.
/// </summary>
internal abstract class Operation(string type, OperationTraits traits)
{
    /// <summary>The request's type, in UTF-8.</summary>
    public byte[] Type { get; } = Encoding.UTF8.GetBytes(type);

    /// <summary>The type of an answer that is no error.</summary>
    public byte[] ReplyType { get; } = Encoding.UTF8.GetBytes(type + "_ok");

    /// <summary>Whether it may be begun while others are under way.</summary>
    public bool IsPipelined => (traits & OperationTraits.Pipelined) != 0;

    /// <summary>Whether its reply is as large as a record.</summary>
    public bool ReturnsPayload => (traits & OperationTraits.ReturnsPayload) != 0;

    /// <summary>Whether it takes as long as a segment is large.</summary>
    public bool IsSlow => (traits & OperationTraits.Slow) != 0;

    /// <summary>Makes the message. It counts only where <paramref name="fields"/> has no problem afterwards.</summary>
    public abstract LogRequest Parse(ref FieldReader fields, long requestId, out Receipt receipt);

    /// <summary>Writes the answer's own fields.</summary>
    /// <returns>False, with nothing written, where the reply is none of this operation.</returns>
    public abstract bool TryWrite(LogReply reply, in Receipt receipt, ReplyWriter writer);
}

/// <summary>An operation with one kind of reply, said in functions.</summary>
/// <param name="type">The request's type.</param>
/// <param name="traits">How it keeps its place.</param>
/// <param name="parse">Makes the message.</param>
/// <param name="write">Writes the answer's own fields.</param>
/// <param name="writeDamaged">Writes them where the record is damaged; null where that is an error.</param>
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
