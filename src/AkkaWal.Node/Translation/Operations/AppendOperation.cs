using AkkaWal.Node.Json;
using AkkaWal.Protocol;
using AkkaWal.Storage.Format;

namespace AkkaWal.Node.Translation.Operations;

/// <summary>
/// <c>wal_append {payload, expected_offset?}</c>. The answer carries the payload's length and checksum, which are not
/// in the log's reply.
/// </summary>
internal sealed class AppendOperation() : Operation("wal_append", OperationTraits.Pipelined)
{
    public override LogRequest Parse(ref FieldReader fields, long requestId, out Receipt receipt)
    {
        var payload = fields.Payload(Field.Payload);
        receipt = new Receipt(payload.Length, Crc32C.Compute(payload.Span));
        return new Append(payload, requestId) { ExpectedOffset = LogOperations.ExpectedOffset(ref fields) };
    }

    public override bool TryWrite(LogReply reply, in Receipt receipt, ReplyWriter writer)
    {
        if (reply is not Appended appended) return false;
        writer.Integer("offset"u8, appended.Offset);
        writer.Integer("length"u8, receipt.LengthBytes);
        writer.Checksum("checksum"u8, receipt.Checksum);
        return true;
    }
}
