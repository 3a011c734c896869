using AkkaWal.Node.Json;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation.Operations;

/// <summary>Maelstrom's kafka workload. Its schemas are closed, so the answers must have no other fields.</summary>
internal static class KafkaOperations
{
    /// <summary>The operations, in the order of the protocol page.</summary>
    public static IEnumerable<Operation> All =>
    [
        new Operation<Appended>(
            "send",
            OperationTraits.Pipelined,
            static (ref fields, id) => new SendMessage(fields.Key(Field.Key), fields.Message(Field.Msg), id),
            static (reply, writer) => writer.Integer("offset"u8, reply.Offset)),
        new Operation<Polled>(
            "poll",
            OperationTraits.Exclusive | OperationTraits.ReturnsPayload,
            static (ref fields, id) => new Poll(fields.Offsets(Field.Offsets), id),
            WriteMessages),
        new Operation<OffsetsCommitted>(
            "commit_offsets",
            OperationTraits.Exclusive,
            static (ref fields, id) => new CommitOffsets(fields.Offsets(Field.Offsets), id),
            static (_, _) => { }),
        new Operation<CommittedOffsetsListed>(
            "list_committed_offsets",
            OperationTraits.Exclusive,
            static (ref fields, id) => new ListCommittedOffsets(fields.Keys(Field.Keys), id),
            static (reply, writer) =>
            {
                writer.Key("offsets"u8);
                writer.Begin("{"u8);
                foreach (var entry in reply.Offsets)
                {
                    writer.TextKey(entry.Key);
                    writer.Integer(entry.Offset);
                }

                writer.End("}"u8);
            }),
    ];

    private static void WriteMessages(Polled reply, ReplyWriter writer)
    {
        writer.Key("msgs"u8);
        writer.Begin("{"u8);
        foreach (var messages in reply.Messages)
        {
            writer.TextKey(messages.Key);
            writer.Begin("["u8);
            for (var index = 0; index < messages.Json.Count; index++)
            {
                writer.Begin("["u8);
                writer.Integer(messages.FirstOffset + index);
                JsonCopy.Write(messages.Json[index].Span, writer);
                writer.End("]"u8);
            }

            writer.End("]"u8);
        }

        writer.End("}"u8);
    }
}
