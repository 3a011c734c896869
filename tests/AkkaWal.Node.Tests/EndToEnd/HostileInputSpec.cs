using System.Text;

namespace AkkaWal.Node.Tests.EndToEnd;

public class HostileInputSpec : NodeSpec
{
    private const int Count = 10_000;

    /// <summary>One hostile line, and the code of its answer; null where it is skipped.</summary>
    private static (byte[] Line, int? Code) Hostile(Random random, int id)
    {
        byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
        string huge = new('9', random.Next(1, 400));
        switch (random.Next(24))
        {
            case 0: return (Text("hello"), null);
            case 1: return (Text(""), null);
            case 2: return (Text("   \t"), null);
            case 3:
                return (
                    Text("{\"src\":\"c1\",\"dest\":\"n1\",\"body\":{\"type\":\"wal_append\",\"msg_id\":1,\"pay"),
                    null);
            case 4: return (Text(new string('[', random.Next(1, 5000))), null);
            case 5:
                return (Text(Request("echo", id, $",\"echo\":{new string('[', 5000)}{new string(']', 5000)}")), null);
            case 6: return (Text(Request("wal_append", id)), 12);
            case 7: return (Text(Request("wal_append", id, ",\"payload\":[]")), 12);
            case 8: return (Text(Request("wal_append", id, ",\"payload\":\"\\udfff\"")), 12);
            case 9: return (Text(Request("wal_read", id, $",\"offset\":{huge}{huge}")), huge.Length * 2 < 19 ? 20 : 12);
            case 10: return (Text(Request("wal_read", id, ",\"offset\":-1")), 12);
            case 11: return (Text(Request("wal_read", id, ",\"offset\":1e99999")), 12);
            case 12: return (Text(Request("wal_read_batch", id, ",\"offset\":0,\"max_bytes\":\"1\"")), 12);
            case 13: return (Text(Request("wal_segment_config", id, $",\"max_segment_bytes\":-{huge}")), 12);
            case 14: return (Text(Request($"wal_{random.Next()}", id)), 10);
            case 15: return (Text(Request(new string('x', 5000), id)), 10);
            case 16:
                return (
                    [
                        .. Text("{\"src\":\"c1\",\"dest\":\"n1\",\"body\":{\"type\":\"wal_append\",\"payload\":\""),
                        0xC0, 0x80,
                        .. Text("\",\"msg_id\":1}}"),
                    ],
                    null);
            case 17:
                return (
                    Text($"{{\"src\":\"c1\",\"dest\":\"n1\",\"body\":{{\"type\":\"wal_info\",\"msg_id\":{id}.5}}}}"),
                    null);
            case 18: return (Text("{\"src\":{},\"dest\":\"n1\",\"body\":{\"type\":\"wal_info\",\"msg_id\":1}}"), null);
            case 19:
                return (
                    Text("{\"src\":\"c1\",\"dest\":\"n1\",\"body\":"
                        + "{\"type\":\"wal_info_ok\",\"in_reply_to\":1,\"msg_id\":1}}"),
                    null);
            case 20: return (Text("{\"src\":\"c1\",\"dest\":[],\"body\":\"wal_info\"}"), null);
            case 21: return (Text(Request("init", id, ",\"node_id\":\"../../x\",\"node_ids\":[]")), 12);
            case 22: return (Text(Request("init", id, ",\"node_id\":\"other\",\"node_ids\":[]")), 22);
            default:
                var bytes = new byte[random.Next(1, 200)];
                random.NextBytes(bytes);
                bytes.AsSpan().Replace((byte)'\n', (byte)' ');
                bytes[0] = 0xFF;
                return (bytes, null);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Hostile_lines_should_be_answered_or_skipped_and_a_good_one_should_work_after_them(int seed)
    {
        var random = new Random(seed);
        var expected = new List<(int Id, int Code)>();
        using var input = new MemoryStream();
        input.Write(Lines(NodeRunner.Init));
        for (var id = 2; id < Count; id++)
        {
            var (line, code) = Hostile(random, id);
            input.Write(line);
            input.WriteByte((byte)'\n');
            if (code is not null) expected.Add((id, code.Value));
        }

        string tooLong = new('y', 20 << 20);
        input.Write(Encoding.UTF8.GetBytes(Append(Count, tooLong)));
        expected.Add((Count, 12));
        input.Write(
            Lines("", $"{{\"payload\":\"{tooLong}\",\"src\":\"c1\"}}", Append(Count + 1, "good"), Read(Count + 2, 0)));

        var (lines, notes, status) = await NodeRunner.Run(Temporary, input.ToArray());
        Assert.Equal(0, status);
        Assert.Equal(expected.Count + 3, lines.Length);
        for (var index = 0; index < expected.Count; index++)
        {
            var body = Body(lines[index + 1]);
            Assert.Equal(
                expected[index], (body.GetProperty("in_reply_to").GetInt32(), body.GetProperty("code").GetInt32()));
        }

        Assert.Equal(0, Body(lines[^2]).GetProperty("offset").GetInt64());
        Assert.Equal("good", Body(lines[^1]).GetProperty("payload").GetString());
        Assert.Contains($"line {Count + 1} is skipped: it is longer than 16777216 bytes", notes,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_lines_before_init_should_not_keep_it_from_working()
    {
        var random = new Random(3);
        var input = new List<byte>();
        for (var id = 1; id < 1000; id++)
        {
            var (line, _) = Hostile(random, id);
            if (Encoding.UTF8.GetString(line).Contains("\"other\"", StringComparison.Ordinal)) continue;
            input.AddRange([.. line, (byte)'\n']);
        }

        input.AddRange(Lines(NodeRunner.Init, Append(2, "good")));
        var (lines, _, status) = await NodeRunner.Run(Temporary, [.. input]);
        Assert.Equal(0, status);
        Assert.Equal("init_ok", Body(lines[^2]).GetProperty("type").GetString());
        Assert.Equal("wal_append_ok", Body(lines[^1]).GetProperty("type").GetString());
        Assert.All(
            lines.SkipLast(2),
            line => Assert.Contains(Body(line).GetProperty("code").GetInt32(), new[] { 10, 11, 12 }));
    }

    [Fact]
    public async Task Byte_order_mark_and_blank_lines_should_be_passed_over_without_a_word()
    {
        var blank = string.Concat(Enumerable.Repeat("\n \r\n\t\n", 2000));
        var input = Encoding.UTF8.GetBytes($"\uFEFF{NodeRunner.Init}\n{blank}{Append(2, "x")}\r\n{blank}");
        var (lines, notes, status) = await NodeRunner.Run(Temporary, input, "--data-dir", Data);
        Assert.Equal(["init_ok", "wal_append_ok"], lines.Select(line => Body(line).GetProperty("type").GetString()));
        Assert.Equal((0, ""), (status, notes));
    }
}
