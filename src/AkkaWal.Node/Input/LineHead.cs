using System.Text.Json;
using AkkaWal.Node.Json;

namespace AkkaWal.Node.Input;

/// <summary>Reads the sender and the request type from the first bytes of a line that is too long for memory.</summary>
internal static class LineHead
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = RequestLine.MaxDepth };

    /// <summary>
    /// A short line that stands for a long one. It has what an answer needs, as far as it is in the first bytes: the
    /// envelope, the type and the <c>msg_id</c>.
    /// </summary>
    /// <returns>Null where the first bytes do not tell the sender and the <c>msg_id</c>, or are no JSON.</returns>
    public static byte[]? Of(ReadOnlySpan<byte> firstBytes)
    {
        var head = new HeadReader(firstBytes);
        try
        {
            head.ReadEnvelope();
        }
        catch (JsonException)
        {
            return null;
        }

        return head.ToLine();
    }

    private ref struct HeadReader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private Utf8JsonReader _reader = new(bytes, isFinalBlock: false, new JsonReaderState(Options));
        private ReadOnlySpan<byte> _source;
        private ReadOnlySpan<byte> _destination;
        private ReadOnlySpan<byte> _type;
        private ReadOnlySpan<byte> _messageId;
        private ReadOnlySpan<byte> _inReplyTo;

        public void ReadEnvelope()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject) return;
            while (TryReadName(1))
            {
                if (_reader.ValueTextEquals("src"u8)) _source = Value();
                else if (_reader.ValueTextEquals("dest"u8)) _destination = Value();
                else if (_reader.ValueTextEquals("body"u8)) ReadBody();
            }
        }

        public readonly byte[]? ToLine()
        {
            if (_source.IsEmpty || _messageId.IsEmpty) return null;
            var line = new List<byte>();
            line.AddRange("{\"src\":"u8);
            line.AddRange(_source);
            Add(line, ",\"dest\":"u8, _destination);
            line.AddRange(",\"body\":{\"msg_id\":"u8);
            line.AddRange(_messageId);
            Add(line, ",\"type\":"u8, _type);
            Add(line, ",\"in_reply_to\":"u8, _inReplyTo);
            line.AddRange("}}"u8);
            return [.. line];
        }

        private void ReadBody()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject) return;
            while (TryReadName(2))
            {
                if (_reader.ValueTextEquals("type"u8)) _type = Value();
                else if (_reader.ValueTextEquals("msg_id"u8)) _messageId = Value();
                else if (_reader.ValueTextEquals("in_reply_to"u8)) _inReplyTo = Value();
            }
        }

        // Moves to the next member of the object at a depth, and skips deeper levels. False at the end of the object or
        // of the bytes.
        private bool TryReadName(int depth)
        {
            while (_reader.Read())
            {
                if (_reader.CurrentDepth < depth) return false;
                if (_reader.CurrentDepth == depth && _reader.TokenType == JsonTokenType.PropertyName) return true;
            }

            return false;
        }

        // The spelling of a text or number. Nothing for objects and arrays, which are not legal here.
        private ReadOnlySpan<byte> Value()
        {
            if (!_reader.Read() || _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                return default;
            return _bytes[(int)_reader.TokenStartIndex..(int)_reader.BytesConsumed];
        }

        private static void Add(List<byte> line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            if (value.IsEmpty) return;
            line.AddRange(name);
            line.AddRange(value);
        }
    }
}
