using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace AkkaWal.Node.Translation;

/// <summary>
/// Gives an operation the fields that it asks for, as the types that it asks for. The first field that is missing, of the
/// wrong kind or out of range is kept as <see cref="Problem"/>, and harmless values are given from then on: so an operation
/// reads its fields without looking up, and is carried out only where there is no problem.
/// </summary>
internal ref struct FieldReader(RequestLine line, TranslationLimits limits)
{
    /// <summary>What a request may ask for.</summary>
    public readonly TranslationLimits Limits => limits;

    /// <summary>Which field is not as it must be, and how it must be; null where all are.</summary>
    public string? Problem { get; private set; }

    /// <summary>An integer that has to be there.</summary>
    public long Integer(Field field, long least, long most)
    {
        var value = line[field];
        if (value.Kind == JsonTokenType.Number
            && Utf8Parser.TryParse(line.Slice(value).Span, out long number, out int consumed)
            && consumed == value.LengthBytes && number >= least && number <= most) return number;

        return Fail(field, most == long.MaxValue ? $"an integer of at least {least}" : $"an integer from {least} to {most}", least);
    }

    /// <summary>An integer of at least 1 that may be missing, and is brought down to a limit.</summary>
    public long Limit(Field field, long otherwise, long most) =>
        line[field].Kind == JsonTokenType.None ? otherwise : Math.Min(Integer(field, 1, long.MaxValue), most);

    /// <summary>A record: a string, or base64 where <c>encoding</c> says so.</summary>
    public ReadOnlyMemory<byte> Payload(Field field)
    {
        bool isBase64 = IsBase64();
        return Payload(field, line[field], isBase64);
    }

    /// <summary>A list of records, at least one.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Payloads(Field field)
    {
        const string Allowed = "a list of at least one string";
        bool isBase64 = IsBase64();
        var list = line[field];
        if (list.Kind != JsonTokenType.StartArray) return Fail(field, Allowed, Array.Empty<ReadOnlyMemory<byte>>());

        var payloads = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(line.Slice(list).Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String) return Fail(field, Allowed, payloads);
            int start = list.Start + (int)reader.TokenStartIndex + 1;
            var element = new FieldValue(JsonTokenType.String, start, reader.ValueSpan.Length, reader.ValueIsEscaped);
            payloads.Add(Payload(field, element, isBase64));
            if (Problem is not null) return payloads;
        }

        return payloads.Count > 0 ? payloads : Fail(field, Allowed, payloads);
    }

    /// <summary>A name, as a string: never for payloads.</summary>
    public string Text(Field field)
    {
        var value = line[field];
        return value.Kind == JsonTokenType.String && JsonText.TryDecode(line.Slice(value), value.IsEscaped, out var utf8)
            ? Encoding.UTF8.GetString(utf8.Span)
            : Fail(field, "a string", "");
    }

    /// <summary>Any JSON value, as it stands.</summary>
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

    /// <summary>Sees to it that a field is a list of strings.</summary>
    public void RequireStrings(Field field)
    {
        const string Allowed = "a list of strings";
        var list = line[field];
        if (list.Kind != JsonTokenType.StartArray)
        {
            Fail(field, Allowed, 0);
            return;
        }

        var reader = new Utf8JsonReader(line.Slice(list).Span, new JsonReaderOptions { MaxDepth = RequestLine.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String) continue;
            Fail(field, Allowed, 0);
            return;
        }
    }

    /// <summary>Notes that a field is not as it must be, where no earlier one was, and gives back a value to go on with.</summary>
    public T Fail<T>(Field field, string allowed, T harmless)
    {
        Problem ??= $"{field.Name()} must be {allowed}";
        return harmless;
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
            if (!JsonText.TryDecodeBase64(line.Slice(value), value.IsEscaped, out bytes)) return Fail(field, "base64, with its padding", bytes);
        }
        else if (!JsonText.TryDecode(line.Slice(value), value.IsEscaped, out bytes))
        {
            return Fail(field, "a string of whole characters: half of a surrogate pair stands alone", bytes);
        }

        return bytes.Length <= limits.MaxPayloadBytes ? bytes : Fail(field, $"at most {limits.MaxPayloadBytes} bytes", bytes);
    }
}
