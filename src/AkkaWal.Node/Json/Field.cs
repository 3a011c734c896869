using System.Text;

namespace AkkaWal.Node.Json;

/// <summary>The members of a body that an operation can use. Any other member is ignored.</summary>
internal enum Field
{
    Type,
    MsgId,
    InReplyTo,
    Payload,
    Payloads,
    Encoding,
    Offset,
    ExpectedOffset,
    MaxSegmentBytes,
    MaxRecords,
    MaxBytes,
    BeforeOffset,
    File,
    NodeId,
    NodeIds,
    Echo,
    Key,
    Keys,
    Msg,
    Offsets,
}

/// <summary>The names of the fields on the wire.</summary>
internal static class FieldNames
{
    private static readonly string[] Names =
    [
        "type", "msg_id", "in_reply_to", "payload", "payloads", "encoding", "offset", "expected_offset",
        "max_segment_bytes", "max_records", "max_bytes", "before_offset", "file", "node_id", "node_ids", "echo",
        "key", "keys", "msg", "offsets",
    ];

    private static readonly Utf8Table<Field> Table = MakeTable();

    /// <summary>How many fields there are.</summary>
    public static int Count => Names.Length;

    /// <summary>The field's name on the wire.</summary>
    public static string Name(this Field field) => Names[(int)field];

    /// <summary>The field with a name; false for a name that no operation uses.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out Field field) => Table.TryFind(name, out field);

    private static Utf8Table<Field> MakeTable()
    {
        var table = new Utf8Table<Field>();
        for (var index = 0; index < Names.Length; index++)
            table.Add(Encoding.UTF8.GetBytes(Names[index]), (Field)index);
        return table;
    }
}
