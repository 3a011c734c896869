using System.Buffers;
using System.Text.Json;

namespace AkkaWal.Benchmarks.Children;

/// <summary>
/// Reads the node's requests from standard input and prints the same replies, with nothing in between. Each line is
/// parsed and its reply formatted. Replies are flushed when no whole line is left in the buffer.
/// </summary>
internal static class BareLoop
{
    internal const string Name = "bare-loop";
    private const int BufferBytes = 64 << 10;

    internal static int Run()
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        var buffer = new byte[BufferBytes];
        var replies = new ArrayBufferWriter<byte>(2 * BufferBytes);
        var (have, answered) = (0, 0L);
        while (true)
        {
            var count = input.Read(buffer, have, buffer.Length - have);
            if (count == 0) return 0;
            have += count;
            var start = 0;
            for (int length;
                (length = buffer.AsSpan(start, have - start).IndexOf((byte)'\n')) >= 0;
                start += length + 1)
                Answer(buffer.AsSpan(start, length), replies, answered++);
            output.Write(replies.WrittenSpan);
            output.Flush();
            replies.ResetWrittenCount();
            buffer.AsSpan(start, have - start).CopyTo(buffer);
            have -= start;
        }
    }

    private static void Answer(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> replies, long number)
    {
        var reader = new Utf8JsonReader(line);
        ReadOnlySpan<byte> source = default, destination = default, type = default, payload = default;
        long id = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("src"u8) && reader.Read()) source = reader.ValueSpan;
            else if (reader.ValueTextEquals("dest"u8) && reader.Read()) destination = reader.ValueSpan;
            else if (reader.ValueTextEquals("type"u8) && reader.Read()) type = reader.ValueSpan;
            else if (reader.ValueTextEquals("payload"u8) && reader.Read()) payload = reader.ValueSpan;
            else if (reader.ValueTextEquals("msg_id"u8) && reader.Read()) id = reader.GetInt64();
        }
        Put(
            replies, "{\"src\": \""u8, destination, "\", \"dest\": \""u8, source, "\", \"body\": {\"type\": \""u8, type,
            "_ok\", \"in_reply_to\": "u8);
        Put(replies, id);
        if (type.SequenceEqual("wal_append"u8))
        {
            Put(replies, ", \"offset\": "u8);
            Put(replies, number);
            Put(replies, ", \"length\": "u8);
            Put(replies, payload.Length);
            Put(replies, ", \"checksum\": \"00000000\""u8);
        }
        else if (type.SequenceEqual("wal_read"u8))
        {
            // As long as the node's reply, so that both print the same number of bytes.
            Put(replies, ", \"payload\": \""u8, Payload, "\", \"checksum_valid\": true"u8);
        }
        Put(replies, ", \"msg_id\": "u8);
        Put(replies, number);
        Put(replies, "}}\n"u8);
    }

    private static ReadOnlySpan<byte> Payload =>
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"u8;

    private static void Put(
        ArrayBufferWriter<byte> replies, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b = default,
        ReadOnlySpan<byte> c = default, ReadOnlySpan<byte> d = default, ReadOnlySpan<byte> e = default,
        ReadOnlySpan<byte> f = default, ReadOnlySpan<byte> g = default)
    {
        replies.Write(a);
        replies.Write(b);
        replies.Write(c);
        replies.Write(d);
        replies.Write(e);
        replies.Write(f);
        replies.Write(g);
    }

    private static void Put(ArrayBufferWriter<byte> replies, long number)
    {
        number.TryFormat(replies.GetSpan(20), out var written, default, null);
        replies.Advance(written);
    }
}
