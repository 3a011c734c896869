using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AkkaWal.Node.Json;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Kafka.Messages;

namespace AkkaWal.Node.Translation;

/// <summary>
/// Reads the fields of a request, in the types that an operation needs. <see cref="Problem"/> keeps the first field
/// that is missing, of the wrong kind or out of range, and a harmless value is returned for it. So an operation reads
/// its fields without checks, and is carried out only if there is no problem.
/// </summary>
internal ref struct FieldReader(RequestLine line, TranslationLimits limits)
{
    /// <summary>The limits of a request.</summary>
    public readonly TranslationLimits Limits => limits;

    /// <summary>Which field is wrong, and what it must be; null where none is.</summary>
    public string? Problem { get; private set; }

    /// <summary>A required integer.</summary>
    public long Integer(Field field, long least, long most)
    {
        var value = line[field];
        if (value.Kind == JsonTokenType.Number
            && Utf8Parser.TryParse(line.Slice(value).Span, out long number, out var consumed)
            && consumed == value.LengthBytes && number >= least && number <= most) return number;

        var range = most == long.MaxValue ? $"of at least {least}" : $"from {least} to {most}";
        return Fail(field, $"an integer {range}", least);
    }

    /// <summary>An optional integer; null where it is missing.</summary>
    public long? OptionalInteger(Field field, long least, long most) =>
        line[field].Kind == JsonTokenType.None ? null : Integer(field, least, most);

    /// <summary>An optional integer of at least 1. Values above the limit count as the limit.</summary>
    public long Limit(Field field, long otherwise, long most) =>
        line[field].Kind == JsonTokenType.None ? otherwise : Math.Min(Integer(field, 1, long.MaxValue), most);

    /// <summary>A record: the bytes of a string, or base64 where <c>encoding</c> says so.</summary>
    public ReadOnlyMemory<byte> Payload(Field field)
    {
        var isBase64 = IsBase64();
        return Payload(field, line[field], isBase64);
    }

    /// <summary>A list of records, at least one.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Payloads(Field field)
    {
        const string Allowed = "a list of at least one string";
        var isBase64 = IsBase64();
        var list = line[field];
        if (list.Kind != JsonTokenType.StartArray) return Fail(field, Allowed, Array.Empty<ReadOnlyMemory<byte>>());

        var payloads = new List<ReadOnlyMemory<byte>>();
        var reader = NestedReader(list);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String) return Fail(field, Allowed, payloads);
            var start = list.Start + (int)reader.TokenStartIndex + 1;
            var element = new FieldValue(JsonTokenType.String, start, reader.ValueSpan.Length, reader.ValueIsEscaped);
            payloads.Add(Payload(field, element, isBase64));
            if (Problem is not null) return payloads;
        }

        return payloads.Count > 0 ? payloads : Fail(field, Allowed, payloads);
    }

    /// <summary>A string as text. Not for payloads, which are bytes.</summary>
    public string Text(Field field)
    {
        var value = line[field];
        return value.Kind == JsonTokenType.String
            && JsonText.TryDecode(line.Slice(value), value.IsEscaped, out var utf8)
            ? Encoding.UTF8.GetString(utf8.Span)
            : Fail(field, "a string", "");
    }

    /// <summary>Any JSON value, in the spelling of the request.</summary>
    public ReadOnlyMemory<byte> Json(Field field)
    {
        var value = line[field];
        return value.Kind switch
        {
            JsonTokenType.None => Fail(field, "there, whatever its value", ReadOnlyMemory<byte>.Empty),
            JsonTokenType.String => line.Bytes.Slice(value.Start - 1, value.LengthBytes + 2),
            _ => line.Slice(value),
        };
    }

    /// <summary>Any JSON value, in the spelling of the request, that fits into a record.</summary>
    public ReadOnlyMemory<byte> Message(Field field)
    {
        var json = Json(field);
        return json.Length <= limits.MaxPayloadBytes
            ? json
            : Fail(field, $"at most {limits.MaxPayloadBytes} bytes", json);
    }

    /// <summary>A list of strings as text.</summary>
    public IReadOnlyList<string> Texts(Field field)
    {
        const string Allowed = "a list of strings";
        var list = line[field];
        if (list.Kind != JsonTokenType.StartArray) return Fail(field, Allowed, Array.Empty<string>());

        var texts = new List<string>();
        var reader = NestedReader(list);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String || !TryGetText(ref reader, out var text))
                return Fail(field, Allowed, texts);
            texts.Add(text);
        }

        return texts;
    }

    /// <summary>A key of the kafka workload.</summary>
    public string Key(Field field)
    {
        var key = Text(field);
        return IsKey(key) ? key : Fail(field, $"at most {KafkaFolder.MaxKeyBytes} bytes", "");
    }

    /// <summary>A list of keys.</summary>
    public IReadOnlyList<string> Keys(Field field)
    {
        var keys = Texts(field);
        if (keys.Count > TranslationLimits.MaxKeys)
            return Fail(field, $"at most {TranslationLimits.MaxKeys} keys", keys);
        foreach (var key in keys)
        {
            if (!IsKey(key)) return Fail(field, $"keys of at most {KafkaFolder.MaxKeyBytes} bytes", keys);
        }

        return keys;
    }

    /// <summary>An object of keys and offsets. If a key occurs twice, the last offset counts.</summary>
    public IReadOnlyList<KeyOffset> Offsets(Field field)
    {
        const string Allowed = "an object whose members are integers of at least 0";
        var value = line[field];
        if (value.Kind != JsonTokenType.StartObject) return Fail(field, Allowed, Array.Empty<KeyOffset>());

        var offsets = new OrderedDictionary<string, KeyOffset>(StringComparer.Ordinal);
        var reader = NestedReader(value);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryGetText(ref reader, out var key) || !IsKey(key))
                return Fail(field, $"of keys of at most {KafkaFolder.MaxKeyBytes} bytes", Array.Empty<KeyOffset>());
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var offset) || offset < 0)
                return Fail(field, Allowed, Array.Empty<KeyOffset>());
            offsets[key] = new KeyOffset(key, offset);
        }

        return offsets.Count <= TranslationLimits.MaxKeys
            ? offsets.Values
            : Fail(field, $"of at most {TranslationLimits.MaxKeys} keys", Array.Empty<KeyOffset>());
    }

    /// <summary>
    /// Notes that a field is wrong, unless an earlier one is, and returns a value to go on with.
    /// </summary>
    public T Fail<T>(Field field, string allowed, T harmless)
    {
        Problem ??= $"{field.Name()} must be {allowed}";
        return harmless;
    }

    private static bool IsKey(string key) => Encoding.UTF8.GetByteCount(key) <= KafkaFolder.MaxKeyBytes;

    private static bool TryGetText(ref Utf8JsonReader reader, out string text)
    {
        text = "";
        if (!JsonText.TryDecode(reader.ValueSpan.ToArray(), reader.ValueIsEscaped, out var utf8)) return false;
        text = Encoding.UTF8.GetString(utf8.Span);
        return true;
    }

    // A reader of an array or object, behind its opening bracket.
    private readonly Utf8JsonReader NestedReader(in FieldValue value)
    {
        var options = new JsonReaderOptions { MaxDepth = RequestLine.MaxDepth };
        var reader = new Utf8JsonReader(line.Slice(value).Span, options);
        reader.Read();
        return reader;
    }

    private bool IsBase64()
    {
        var value = line[Field.Encoding];
        if (value.Kind == JsonTokenType.None) return false;
        if (value.Kind == JsonTokenType.String && line.Slice(value).Span.SequenceEqual("base64"u8)) return true;
        return Fail(Field.Encoding, "\"base64\" where it is there", false);
    }

    private ReadOnlyMemory<byte> Payload(Field field, in FieldValue value, bool isBase64)
    {
        ReadOnlyMemory<byte> bytes = default;
        if (value.Kind != JsonTokenType.String) return Fail(field, "a string", bytes);
        if (isBase64)
        {
            if (!JsonText.TryDecodeBase64(line.Slice(value), value.IsEscaped, out bytes))
                return Fail(field, "base64, with its padding", bytes);
        }
        else if (!JsonText.TryDecode(line.Slice(value), value.IsEscaped, out bytes))
        {
            return Fail(field, "a string of whole characters: half of a surrogate pair stands alone", bytes);
        }

        return bytes.Length <= limits.MaxPayloadBytes
            ? bytes
            : Fail(field, $"at most {limits.MaxPayloadBytes} bytes", bytes);
    }
}
