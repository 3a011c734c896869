using System.Text.Json;

namespace AkkaWal.Node.Json;

/// <summary>Writes a JSON value again, with the separators of a reply.</summary>
internal static class JsonCopy
{
    /// <summary>
    /// Writes a value that <see cref="RequestLine"/> has found to be well-formed. Numbers and strings keep their
    /// spelling.
    /// </summary>
    public static void Write(ReadOnlySpan<byte> json, ReplyWriter writer)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RequestLine.MaxDepth });
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    writer.Begin(reader.ValueSpan);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    writer.End(reader.ValueSpan);
                    break;
                case JsonTokenType.PropertyName:
                    writer.Key(reader.ValueSpan);
                    break;
                case JsonTokenType.String:
                    writer.Literal(json.Slice(start, reader.ValueSpan.Length + 2));
                    break;
                default:
                    writer.Literal(reader.ValueSpan);
                    break;
            }
        }
    }
}
