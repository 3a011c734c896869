using System.Text.Json;
using System.Text.Unicode;

namespace AkkaWal.Node.Json;

/// <summary>
/// One line of standard input, parsed in one pass, in any order of its members. An instance is used for one line after
/// another. The slices that it returns are parts of the line's own bytes and stay valid.
/// </summary>
/// <remarks>If a member occurs twice, the last one counts, in the envelope and in the body.</remarks>
internal sealed class RequestLine
{
    /// <summary>How deep arrays and objects may be nested. The parser does not recurse.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    private readonly FieldValue[] _fields = new FieldValue[FieldNames.Count];
    private FieldValue _source;
    private FieldValue _destination;
    private bool _hasBody;

    /// <summary>The line's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The envelope's <c>src</c> as it stands between its quotes, with its escapes.</summary>
    public ReadOnlyMemory<byte> Source => Slice(_source);

    /// <summary>The envelope's <c>dest</c> as it stands between its quotes; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Destination =>
        _destination.Kind == JsonTokenType.String ? Slice(_destination) : default;

    /// <summary>The digits of <c>msg_id</c>; empty where the request wants no reply.</summary>
    public ReadOnlyMemory<byte> MessageId => Slice(this[Field.MsgId]);

    /// <summary>Whether the line is a reply: it has an <c>in_reply_to</c> that is not null.</summary>
    public bool IsReply => this[Field.InReplyTo].Kind is not (JsonTokenType.None or JsonTokenType.Null);

    /// <summary>Where a field's value is.</summary>
    public FieldValue this[Field field] => _fields[(int)field];

    /// <summary>The bytes of a value.</summary>
    public ReadOnlyMemory<byte> Slice(in FieldValue value) => Bytes.Slice(value.Start, value.LengthBytes);

    /// <summary>Parses a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isHead">Whether it stands for a line that was too long, and so may lack the type.</param>
    /// <returns>Null where the line can be answered; else why it can't be.</returns>
    public string? Parse(ReadOnlyMemory<byte> line, bool isHead = false)
    {
        Bytes = line;
        _source = _destination = default;
        _hasBody = false;
        Array.Clear(_fields);

        var span = line.Span;
        if (!Utf8.IsValid(span)) return "it is not valid UTF-8";
        try
        {
            return ParseEnvelope(span) ?? Missing(isHead);
        }
        catch (JsonException e)
        {
            return $"it is not JSON, or nested deeper than {MaxDepth}, at byte {e.BytePositionInLine}";
        }
    }

    /// <summary>Whether a JSON number has neither a fraction nor an exponent.</summary>
    public static bool IsInteger(ReadOnlySpan<byte> number) => number.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;

    private string? ParseEnvelope(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return "it is no JSON object";

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("src"u8)) _source = ReadValue(ref reader);
            else if (reader.ValueTextEquals("dest"u8)) _destination = ReadValue(ref reader);
            else if (reader.ValueTextEquals("body"u8)) ParseBody(ref reader);
            else SkipValue(ref reader);
        }

        // Reads to the end, so that the reader finds anything that follows the object.
        while (reader.Read())
        {
        }

        return null;
    }

    private void ParseBody(ref Utf8JsonReader reader)
    {
        Array.Clear(_fields);
        reader.Read();
        _hasBody = reader.TokenType == JsonTokenType.StartObject;
        if (!_hasBody)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (TryFindField(in reader, out var field)) _fields[(int)field] = ReadValue(ref reader);
            else SkipValue(ref reader);
        }
    }

    private static bool TryFindField(in Utf8JsonReader reader, out Field field)
    {
        if (!reader.ValueIsEscaped) return FieldNames.TryFind(reader.ValueSpan, out field);
        for (var index = 0; index < FieldNames.Count; index++)
        {
            field = (Field)index;
            if (reader.ValueTextEquals(field.Name())) return true;
        }

        field = default;
        return false;
    }

    private static FieldValue ReadValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        var kind = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        if (kind == JsonTokenType.String)
            return new FieldValue(kind, start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);

        reader.Skip();
        return new FieldValue(kind, start, (int)reader.BytesConsumed - start, false);
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private string? Missing(bool isHead)
    {
        if (_source.Kind != JsonTokenType.String) return "it has no string src";
        if (!_hasBody) return "it has no object body";
        var type = this[Field.Type].Kind;
        if (type != JsonTokenType.String && !(isHead && type == JsonTokenType.None))
            return "it has no string body.type";

        var messageId = this[Field.MsgId];
        if (messageId.Kind == JsonTokenType.None) return null;
        return messageId.Kind == JsonTokenType.Number && IsInteger(MessageId.Span) ? null : "its msg_id is no integer";
    }
}
