using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.Json;

/// <summary>
/// Writes replies as UTF-8, one after the other, into an array that grows. Members are separated by <c>, </c>, and <c>:
/// </c> follows a key. For one caller at a time.
/// </summary>
/// <remarks>A reply that is larger than an array can be throws <see cref="ReplyTooLongException"/>.</remarks>
internal sealed class ReplyWriter(byte[] first)
{
    private static readonly SearchValues<byte> MustBeEscaped = SearchValues.Create(
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        (byte)'"', (byte)'\\',
    ]);

    private byte[] _bytes = first;
    private int _lengthBytes;

    // False right behind an opening bracket or a key, where no comma comes before the next value.
    private bool _needsComma;

    /// <summary>How many bytes were written since the last <see cref="Detach"/>.</summary>
    public int LengthBytes => _lengthBytes;

    /// <summary>Hands out what was written, and goes on in another array.</summary>
    public OutputBuffer Detach(byte[] next)
    {
        var written = new OutputBuffer(_bytes, _lengthBytes);
        _bytes = next;
        _lengthBytes = 0;
        return written;
    }

    /// <summary>Drops what was written since <see cref="LengthBytes"/> had that value.</summary>
    public void Rewind(int lengthBytes) => _lengthBytes = lengthBytes;

    /// <summary>Writes the envelope and the body's first members. The operation's fields follow.</summary>
    /// <param name="source">The sender's name, as it stands between quotes.</param>
    /// <param name="destination">The receiver's name, as it stands between quotes.</param>
    /// <param name="type">The reply's type.</param>
    /// <param name="inReplyTo">The digits of the request's <c>msg_id</c>.</param>
    public void BeginReply(
        ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> type,
        ReadOnlySpan<byte> inReplyTo)
    {
        Raw("{\"src\": \""u8);
        Raw(source);
        Raw("\", \"dest\": \""u8);
        Raw(destination);
        Raw("\", \"body\": {\"type\": \""u8);
        Raw(type);
        Raw("\", \"in_reply_to\": "u8);
        Raw(inReplyTo);
        _needsComma = true;
    }

    /// <summary>Writes the last member and the end of the line.</summary>
    public void EndReply(long messageId)
    {
        Integer("msg_id"u8, messageId);
        Raw("}}\n"u8);
    }

    public void Key(ReadOnlySpan<byte> name)
    {
        Separate();
        Raw("\""u8);
        Raw(name);
        Raw("\": "u8);
        _needsComma = false;
    }

    /// <summary>A key with any characters, which are escaped where JSON requires it.</summary>
    public void TextKey(string name)
    {
        String(Encoding.UTF8.GetBytes(name));
        Raw(": "u8);
        _needsComma = false;
    }

    public void Integer(ReadOnlySpan<byte> name, long value)
    {
        Key(name);
        Integer(value);
    }

    public void Integer(long value)
    {
        const int MostDigits = 20;
        Separate();
        Utf8Formatter.TryFormat(value, Reserve(MostDigits), out var written);
        _lengthBytes += written;
    }

    public void Boolean(ReadOnlySpan<byte> name, bool value)
    {
        Key(name);
        Literal(value ? "true"u8 : "false"u8);
    }

    public void Null(ReadOnlySpan<byte> name)
    {
        Key(name);
        Literal("null"u8);
    }

    public void Text(ReadOnlySpan<byte> name, string value)
    {
        Key(name);
        String(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>A checksum, in eight hexadecimal digits.</summary>
    public void Checksum(ReadOnlySpan<byte> name, uint value)
    {
        const int Digits = 8;
        Key(name);
        Raw("\""u8);
        Utf8Formatter.TryFormat(value, Reserve(Digits), out var written, new StandardFormat('x', Digits));
        _lengthBytes += written;
        Raw("\""u8);
        _needsComma = true;
    }

    /// <summary>
    /// A record: a string where it is valid UTF-8, else base64, followed by the member <c>encoding</c>.
    /// </summary>
    public void Payload(ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload)
    {
        Key(name);
        if (Utf8.IsValid(payload))
        {
            String(payload);
            return;
        }

        Raw("\""u8);
        Base64.EncodeToUtf8(payload, Reserve(Base64.GetMaxEncodedToUtf8Length(payload.Length)), out _, out var written);
        _lengthBytes += written;
        Raw("\""u8);
        _needsComma = true;
        Text("encoding"u8, "base64");
    }

    /// <summary>A string, given as UTF-8. Only the characters are escaped that JSON requires to be.</summary>
    public void String(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Raw("\""u8);
        for (var plain = utf8.IndexOfAny(MustBeEscaped); plain >= 0; plain = utf8.IndexOfAny(MustBeEscaped))
        {
            Raw(utf8[..plain]);
            Escape(utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }

        Raw(utf8);
        Raw("\""u8);
        _needsComma = true;
    }

    public void Begin(ReadOnlySpan<byte> bracket)
    {
        Separate();
        Raw(bracket);
        _needsComma = false;
    }

    public void End(ReadOnlySpan<byte> bracket)
    {
        Raw(bracket);
        _needsComma = true;
    }

    /// <summary>A value that is JSON already.</summary>
    public void Literal(ReadOnlySpan<byte> json)
    {
        Separate();
        Raw(json);
        _needsComma = true;
    }

    private void Separate()
    {
        if (_needsComma) Raw(", "u8);
        _needsComma = true;
    }

    private void Escape(byte character)
    {
        switch (character)
        {
            case (byte)'"': Raw("\\\""u8); break;
            case (byte)'\\': Raw("\\\\"u8); break;
            case (byte)'\b': Raw("\\b"u8); break;
            case (byte)'\f': Raw("\\f"u8); break;
            case (byte)'\n': Raw("\\n"u8); break;
            case (byte)'\r': Raw("\\r"u8); break;
            case (byte)'\t': Raw("\\t"u8); break;
            default:
                Raw("\\u00"u8);
                Raw([(byte)('0' + (character >> 4)), "0123456789abcdef"u8[character & 15]]);
                break;
        }
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _lengthBytes += bytes.Length;
    }

    private Span<byte> Reserve(int lengthBytes)
    {
        if (_bytes.Length - _lengthBytes < lengthBytes)
        {
            var needed = _lengthBytes + (long)lengthBytes;
            if (needed > Array.MaxLength) throw new ReplyTooLongException();
            var doubled = Math.Min(Array.MaxLength, 2L * _bytes.Length);
            Array.Resize(ref _bytes, (int)Math.Max(doubled, needed));
        }

        return _bytes.AsSpan(_lengthBytes);
    }
}

/// <summary>A reply is larger than an array can be.</summary>
internal sealed class ReplyTooLongException() : Exception("the reply is larger than an array can be");
