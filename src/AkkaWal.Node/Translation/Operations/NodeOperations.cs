using AkkaWal.Node.Json;

namespace AkkaWal.Node.Translation.Operations;

/// <summary>The operations that Maelstrom expects of any node. The bridge carries them out itself.</summary>
internal static class NodeOperations
{
    private const int MaxNodeIdLength = 64;

    /// <summary>The operations, in the order of the protocol page.</summary>
    public static IEnumerable<Operation> All =>
    [
        new Operation<Initialized>("init", OperationTraits.Exclusive, ParseInit, static (_, _) => { }),
        new Operation<Echoed>(
            "echo",
            OperationTraits.Pipelined,
            static (ref fields, id) => new EchoBack(fields.Json(Field.Echo), id),
            static (reply, writer) =>
            {
                writer.Key("echo"u8);
                JsonCopy.Write(reply.Json.Span, writer);
            }),
    ];

    private static Initialize ParseInit(ref FieldReader fields, long requestId)
    {
        var nodeId = fields.Text(Field.NodeId);
        if (!IsNodeId(nodeId))
            fields.Fail(Field.NodeId, $"1 to {MaxNodeIdLength} of A-Z a-z 0-9 . _ -, and neither . nor ..", 0);
        var nodeCount = fields.Texts(Field.NodeIds).Distinct(StringComparer.Ordinal).Count();
        return new Initialize(nodeId, nodeCount, requestId);
    }

    // The id becomes the name of a folder.
    private static bool IsNodeId(string nodeId)
    {
        if (nodeId is "" or "." or ".." || nodeId.Length > MaxNodeIdLength) return false;
        foreach (var character in nodeId)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-')) return false;
        }

        return true;
    }
}
