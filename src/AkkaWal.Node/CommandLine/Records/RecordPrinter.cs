using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace AkkaWal.Node.CommandLine.Records;

/// <summary>How records are printed.</summary>
internal enum RecordFormat
{
    /// <summary>
    /// One line for each record: the offset, a tab, the text. Characters that are not plain text are escaped.
    /// </summary>
    Text,

    /// <summary>One JSON object on a line for each record. Bytes that are not UTF-8 are in base64.</summary>
    Json,

    /// <summary>Bytes and characters side by side, 16 on a line.</summary>
    Hex,

    /// <summary>Only the bytes.</summary>
    Raw,

    /// <summary>The bytes of each record after its length of 4 bytes, little-endian.</summary>
    LengthPrefixed,
}

/// <summary>Prints records, and counts them.</summary>
internal sealed class RecordPrinter(OperatorConsole console, RecordFormat format)
{
    private const int BytesPerLine = 16;

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly StringBuilder _line = new();

    /// <summary>The number of printed records.</summary>
    public long Count { get; private set; }

    /// <summary>The last one's offset.</summary>
    public long LastOffset { get; private set; }

    /// <summary>The text after an interruption.</summary>
    public string Summary => Count == 0
        ? "no record was printed"
        : $"{Report.Count(Count, "record")} printed, the last one of offset {LastOffset}";

    /// <summary>Prints a record.</summary>
    /// <exception cref="IOException">Standard output can't be written.</exception>
    public void Print(long offset, ReadOnlySpan<byte> payload)
    {
        switch (format)
        {
            case RecordFormat.Text:
                PrintText(offset, payload);
                break;
            case RecordFormat.Json:
                PrintJson(offset, payload);
                break;
            case RecordFormat.Hex:
                PrintHex(offset, payload);
                break;
            case RecordFormat.LengthPrefixed:
                Span<byte> length = stackalloc byte[sizeof(uint)];
                BinaryPrimitives.WriteInt32LittleEndian(length, payload.Length);
                console.Write(length);
                console.Write(payload);
                break;
            default:
                console.Write(payload);
                break;
        }
        Count++;
        LastOffset = offset;
    }

    // A record may contain characters that move a terminal's cursor or change the direction of text.
    private void PrintText(long offset, ReadOnlySpan<byte> payload)
    {
        _line.Clear().Append(CultureInfo.InvariantCulture, $"{offset}\t");
        while (!payload.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(payload, out var letter, out var length) == OperationStatus.Done;
            if (!isText || Rune.IsControl(letter)) AppendEscaped(payload[..length]);
            else if (Rune.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                     or UnicodeCategory.ParagraphSeparator) AppendEscaped(payload[..length]);
            else _line.Append(letter.Value == '\\' ? "\\\\" : letter.ToString());
            payload = payload[length..];
        }
        console.Write(_line.Append('\n').ToString());
    }

    private void AppendEscaped(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            var text = one switch
            {
                (byte)'\n' => "\\n",
                (byte)'\r' => "\\r",
                (byte)'\t' => "\\t",
                _ => $"\\x{one:x2}",
            };
            _line.Append(text);
        }
    }

    private void PrintJson(long offset, ReadOnlySpan<byte> payload)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, JsonOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("offset", offset);
            writer.WriteNumber("bytes", payload.Length);
            if (Utf8.IsValid(payload)) writer.WriteString("text", payload);
            else writer.WriteBase64String("base64", payload);
            writer.WriteEndObject();
        }
        _json.Write("\n"u8);
        console.Write(_json.WrittenSpan);
    }

    private void PrintHex(long offset, ReadOnlySpan<byte> payload)
    {
        _line.Clear().Append(
            CultureInfo.InvariantCulture, $"offset {offset}, {Report.Count(payload.Length, "byte")}\n");
        for (var at = 0; at < payload.Length; at += BytesPerLine)
        {
            var bytes = payload.Slice(at, Math.Min(BytesPerLine, payload.Length - at));
            _line.Append(CultureInfo.InvariantCulture, $"{at:x8} ");
            for (var column = 0; column < BytesPerLine; column++)
            {
                if (column == BytesPerLine / 2) _line.Append(' ');
                _line.Append(column < bytes.Length ? $" {bytes[column]:x2}" : "   ");
            }
            _line.Append("  |");
            foreach (var one in bytes) _line.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
            _line.Append("|\n");
        }
        console.Write(_line.ToString());
    }
}
