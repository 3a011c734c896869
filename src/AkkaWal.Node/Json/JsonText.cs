using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace AkkaWal.Node.Json;

/// <summary>Decodes JSON strings.</summary>
internal static class JsonText
{
    /// <summary>
    /// The UTF-8 of a string: the bytes of the line where the string has no escapes, else a copy.
    /// </summary>
    /// <returns>False for an escaped half of a surrogate pair without the other half: it has no UTF-8.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> content, bool isEscaped, out ReadOnlyMemory<byte> utf8)
    {
        utf8 = content;
        return !isEscaped || TryUnescape(content, out utf8);
    }

    /// <summary>The start of a string as it stands between its quotes, for operators.</summary>
    public static string Excerpt(ReadOnlyMemory<byte> content)
    {
        const int MaxBytes = 64;
        var span = content.Span;
        if (span.Length <= MaxBytes) return Encoding.UTF8.GetString(span);
        var end = MaxBytes;
        while (end > 0 && (span[end] & 0xC0) == 0x80) end--;
        return Encoding.UTF8.GetString(span[..end]) + "...";
    }

    /// <summary>The bytes of a string in base64.</summary>
    /// <returns>False where it is not base64 of the standard alphabet with its padding.</returns>
    public static bool TryDecodeBase64(ReadOnlyMemory<byte> content, bool isEscaped, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (!TryDecode(content, isEscaped, out var text)) return false;

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        var status = Base64.DecodeFromUtf8(text.Span, decoded, out var consumed, out var written);
        if (status != System.Buffers.OperationStatus.Done || consumed != text.Length) return false;
        bytes = decoded.AsMemory(0, written);
        return true;
    }

    private static bool TryUnescape(ReadOnlyMemory<byte> content, out ReadOnlyMemory<byte> utf8)
    {
        // The line's reader has found the string to be well-formed. Another reader over the quoted string decodes it.
        var quoted = new byte[content.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        content.Span.CopyTo(quoted.AsSpan(1));
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        try
        {
            var unescaped = new byte[content.Length];
            utf8 = unescaped.AsMemory(0, reader.CopyString(unescaped));
            return true;
        }
        catch (InvalidOperationException)
        {
            utf8 = default;
            return false;
        }
    }
}
