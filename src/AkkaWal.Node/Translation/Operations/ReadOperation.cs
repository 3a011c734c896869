namespace AkkaWal.Node.Translation.Operations;

/// <summary><c>wal_read {offset}</c>: the bytes of a damaged record are never given out.</summary>
internal sealed class ReadOperation() : Operation("wal_read", OperationTraits.Pipelined | OperationTraits.ReturnsPayload)
{
    public override LogRequest Parse(ref FieldReader fields, long requestId, out Receipt receipt)
    {
        receipt = default;
        return new Read(fields.Integer(Field.Offset, 0, long.MaxValue), requestId);
    }

    public override bool TryWrite(LogReply reply, in Receipt receipt, ReplyWriter writer)
    {
        switch (reply)
        {
            case RecordRead read:
                writer.Payload("payload"u8, read.Payload.Span);
                writer.Boolean("checksum_valid"u8, true);
                return true;
            case RecordDamaged:
                writer.Null("payload"u8);
                writer.Boolean("checksum_valid"u8, false);
                return true;
            default:
                return false;
        }
    }
}
