using AkkaWal.Node.Json;

namespace AkkaWal.Node.Translation.Operations;

/// <summary>All operations of the node.</summary>
internal static class OperationTable
{
    private static readonly Utf8Table<Operation> Table = Make();

    /// <summary>The operation of a type as it stands in a line; null where the node has no such operation.</summary>
    public static Operation? Find(ReadOnlyMemory<byte> type, bool isEscaped) =>
        JsonText.TryDecode(type, isEscaped, out var utf8) && Table.TryFind(utf8.Span, out var operation)
            ? operation
            : null;

    private static Utf8Table<Operation> Make()
    {
        var table = new Utf8Table<Operation>();
        foreach (var operation in NodeOperations.All) table.Add(operation.Type, operation);
        foreach (var operation in LogOperations.All) table.Add(operation.Type, operation);
        foreach (var operation in KafkaOperations.All) table.Add(operation.Type, operation);
        return table;
    }
}
