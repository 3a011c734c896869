using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Json;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge;

/// <summary>Writes the replies of slots as lines of output, and numbers them.</summary>
internal sealed class ReplyFormatter(ReplyWriter writer)
{
    private long _nextMessageId;

    /// <summary>Writes the reply of a slot that has one; nothing where the request wants no reply.</summary>
    public void Write(in Slot slot)
    {
        if (slot.MessageId.IsEmpty) return;
        var mark = writer.LengthBytes;
        try
        {
            WriteReply(slot);
        }
        catch (Exception e) when (e is OutOfMemoryException or ReplyTooLongException)
        {
            writer.Rewind(mark);
            WriteError(slot, ErrorCode.Crash,
                "the answer is too large for a line: whether the operation happened is not told");
        }
    }

    private void WriteReply(in Slot slot)
    {
        switch (slot.Reply)
        {
            case Refused refused:
                WriteError(slot, refused.Code, refused.Text);
                break;
            case RequestFailed failed:
                WriteError(slot, ErrorCodes.Of(failed.Kind), failed.Reason);
                break;
            default:
                WriteAnswer(slot);
                break;
        }
    }

    private void WriteAnswer(in Slot slot)
    {
        var mark = writer.LengthBytes;
        writer.BeginReply(slot.From.Span, slot.To.Span, slot.Operation!.ReplyType, slot.MessageId.Span);
        if (slot.Operation.TryWrite(slot.Reply!, slot.Receipt, writer))
        {
            writer.EndReply(_nextMessageId++);
            return;
        }

        writer.Rewind(mark);
        if (slot.Reply is RecordDamaged damaged) WriteError(slot, ErrorCode.TemporarilyUnavailable, damaged.Reason);
        else WriteError(slot, ErrorCode.Crash,
            "the log gave an answer of another kind: whether the operation happened is not known");
    }

    private void WriteError(in Slot slot, ErrorCode code, string text)
    {
        writer.BeginReply(slot.From.Span, slot.To.Span, "error"u8, slot.MessageId.Span);
        writer.Integer("code"u8, (int)code);
        writer.Text("text"u8, text);
        writer.EndReply(_nextMessageId++);
    }
}
