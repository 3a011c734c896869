using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaWal.Node.Tests.EndToEnd;

public class ConversationSpec : NodeSpec
{
    private static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name);

    [Theory]
    [InlineData("config.in.jsonl", "config.out.jsonl")]
    [InlineData("info.in.jsonl", "info.out.jsonl")]
    [InlineData("tour.jsonl", "tour.out.jsonl")]
    public async Task Sample_should_come_out_byte_for_byte(string input, string output)
    {
        var (lines, _, status) = await NodeRunner.Run(Temporary, File.ReadAllBytes(Sample(input)));
        Assert.Equal(File.ReadAllText(Sample(output)), string.Concat(lines.Select(line => line + "\n")));
        Assert.Equal(0, status);
    }

    [Theory]
    [InlineData("config")]
    [InlineData("info")]
    public async Task Sample_should_come_out_byte_for_byte_whatever_the_order_of_its_keys(string name)
    {
        var turned = File.ReadAllLines(Sample($"{name}.in.jsonl"))
            .Select(line => Turn(JsonNode.Parse(line)!).ToJsonString());
        var (lines, _, _) = await NodeRunner.Run(Temporary, Lines(turned));
        Assert.Equal(File.ReadAllLines(Sample($"{name}.out.jsonl")), lines);
    }

    [Fact]
    public async Task Append_that_expects_another_offset_should_be_refused_with_the_next_one()
    {
        var (lines, _, status) = await NodeRunner.Run(Temporary, Lines(
            NodeRunner.Init,
            Request("wal_append", 2, ",\"payload\": \"a\", \"expected_offset\": 0"),
            Request("wal_append", 3, ",\"payload\": \"b\", \"expected_offset\": 0"),
            Request("wal_append_batch", 4, ",\"payloads\": [\"c\", \"d\"], \"expected_offset\": 1"),
            Request("wal_append_batch", 5, ",\"payloads\": [\"e\"], \"expected_offset\": 7")));
        Assert.Equal(0, status);
        Assert.Contains("\"wal_append_ok\", \"in_reply_to\": 2, \"offset\": 0", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"in_reply_to\": 3, \"code\": 22", lines[2], StringComparison.Ordinal);
        Assert.Contains("the next record gets offset 1", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"first_offset\": 1, \"last_offset\": 2", lines[3], StringComparison.Ordinal);
        Assert.Contains("\"in_reply_to\": 5, \"code\": 22", lines[4], StringComparison.Ordinal);
        Assert.Contains("the next record gets offset 3", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_at_once_should_be_answered_in_order()
    {
        var (lines, _, status) = await NodeRunner.Run(Temporary, Lines(
            NodeRunner.Init,
            Append(2, "set x=42"),
            Append(3, "ä\n\"q\""),
            Append(4, ""),
            Read(5, 0),
            Read(6, 1),
            Read(7, 2),
            Request("wal_info", 8),
            Request("wal_segment_info", 9)));
        Assert.Equal(0, status);
        string[] expected =
        [
            "\"init_ok\", \"in_reply_to\": 1",
            "\"wal_append_ok\", \"in_reply_to\": 2, \"offset\": 0, \"length\": 8, \"checksum\": \"82235dcb\"",
            "\"wal_append_ok\", \"in_reply_to\": 3, \"offset\": 1, \"length\": 6, \"checksum\": \"6ea0de71\"",
            "\"wal_append_ok\", \"in_reply_to\": 4, \"offset\": 2, \"length\": 0, \"checksum\": \"00000000\"",
            "\"wal_read_ok\", \"in_reply_to\": 5, \"payload\": \"set x=42\", \"checksum_valid\": true",
            "\"wal_read_ok\", \"in_reply_to\": 6, \"payload\": \"ä\\n\\\"q\\\"\", \"checksum_valid\": true",
            "\"wal_read_ok\", \"in_reply_to\": 7, \"payload\": \"\", \"checksum_valid\": true",
            "\"wal_info_ok\", \"in_reply_to\": 8, \"entries\": 3, \"total_bytes\": 38, \"fsynced\": true, "
                + "\"start_offset\": 0, \"next_offset\": 3",
            "\"wal_segment_info_ok\", \"in_reply_to\": 9, \"segments\": [{\"file\": \"00000000.log\", "
                + "\"start_offset\": 0, \"end_offset\": 2, "
                + "\"size_bytes\": 38, \"sealed\": false}], \"active_segment\": \"00000000.log\"",
        ];
        Assert.Equal(
            expected.Select(
                (fields, index) => $$"""{"src": "n1", "dest": "{{(index == 0 ? "c0" : "c1")}}", "body": {"type": """
                    + fields + $", \"msg_id\": {index}" + "}}"),
            lines);
    }

    [Fact]
    public async Task Every_operation_of_the_log_should_work_across_segments()
    {
        var (lines, notes, status) = await NodeRunner.Run(Temporary, Lines(
            NodeRunner.Init,
            Request("wal_segment_config", 2, ",\"max_segment_bytes\":40"),
            Request("wal_append_batch", 3, ",\"payloads\":[\"one\",\"two\"]"),
            Append(4, "three"),
            Append(5, new string('x', 100)),
            Append(6, "five"),
            Request("wal_append", 7, ",\"payload\":\"/wA=\",\"encoding\":\"base64\""),
            Read(8, 3),
            Read(9, 5),
            Request("wal_read_batch", 10, ",\"offset\":1,\"max_records\":2"),
            Request("wal_read_batch", 11, ",\"offset\":6"),
            Request("wal_segment_locate", 12, ",\"offset\":2"),
            Request("wal_segment_seal", 13),
            Request("wal_segment_seal", 14),
            Request("wal_sync", 15),
            Read(16, 6),
            Read(17, 4_000_000_000_000)));
        Assert.Equal(0, status);
        Assert.Equal(17, lines.Length);
        var bodies = lines.Select(Body).ToArray();
        Assert.Equal(Enumerable.Range(1, 17), bodies.Select(body => body.GetProperty("in_reply_to").GetInt32()));
        Assert.Equal(
            (0, 1, 2),
            (Number(bodies[2], "first_offset"), Number(bodies[2], "last_offset"), Number(bodies[2], "count")));
        Assert.Equal(100, bodies[7].GetProperty("payload").GetString()!.Length);
        Assert.Contains(
            "\"payload\": \"/wA=\", \"encoding\": \"base64\", \"checksum_valid\": true", lines[8],
            StringComparison.Ordinal);
        Assert.Contains(
            "\"records\": [{\"offset\": 1, \"payload\": \"two\"}, {\"offset\": 2, \"payload\": \"three\"}], "
                + "\"next_offset\": 3",
            lines[9], StringComparison.Ordinal);
        Assert.Contains("\"records\": [], \"next_offset\": 6", lines[10], StringComparison.Ordinal);
        Assert.Equal(5, Number(bodies[11], "length"));
        Assert.Equal("wal_segment_seal_ok", bodies[12].GetProperty("type").GetString());
        Assert.Equal(22, Number(bodies[13], "code"));
        Assert.Equal(5, Number(bodies[14], "durable_offset"));
        Assert.Equal(20, Number(bodies[15], "code"));
        Assert.Equal(20, Number(bodies[16], "code"));
        Assert.DoesNotContain("skipped", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_and_truncated_segments_should_be_gone()
    {
        var requests =
            new List<string> { NodeRunner.Init, Request("wal_segment_config", 2, ",\"max_segment_bytes\":20") };
        for (var index = 0; index < 6; index++) requests.Add(Append(index, "0123456789"));
        requests.AddRange(
        [
            Request("wal_segment_delete", 8, ",\"file\":\"00000001.log\""),
            Request("wal_segment_delete", 9, ",\"file\":\"00000001.log\""),
            Request("wal_segment_delete", 10, ",\"file\":\"00000005.log\""),
            Read(11, 1),
            Request("wal_read_batch", 12, ",\"offset\":0"),
            Request("wal_truncate", 13, ",\"before_offset\":4"),
            Request("wal_truncate", 14, ",\"before_offset\":400"),
            Request("wal_info", 15),
        ]);
        var (lines, _, _) = await NodeRunner.Run(Temporary, Lines(requests));
        Assert.Contains("\"file\": \"00000001.log\", \"bytes_freed\": ", lines[8], StringComparison.Ordinal);
        Assert.Equal([20, 22, 20], lines[9..12].Select(line => Number(Body(line), "code")));
        Assert.Contains("\"next_offset\": 1", lines[12], StringComparison.Ordinal);
        Assert.Contains("\"start_offset\": 4, \"segments_deleted\": 3, ", lines[13], StringComparison.Ordinal);
        Assert.Equal("error", Body(lines[14]).GetProperty("type").GetString());
        Assert.Contains("\"entries\": 2, ", lines[15], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compressed_and_archived_segments_should_be_read_as_before()
    {
        var archive = Path.Combine(Temporary, "archive");
        var config = Path.Combine(Temporary, "archive.conf");
        await File.WriteAllTextAsync(
            config,
            $"akka-wal {{ archive.directory = \"{archive}\", "
            + "node { request-timeout = 60 s, maintenance-timeout = 60 s } }");
        var requests =
            new List<string> { NodeRunner.Init, Request("wal_segment_config", 2, ",\"max_segment_bytes\":2000") };
        for (var index = 0; index < 6; index++) requests.Add(Append(index, new string((char)('a' + index), 900)));
        requests.AddRange(
        [
            Request("wal_segment_compress", 8, ",\"file\":\"00000000.log\""),
            Request("wal_segment_compress", 9, ",\"file\":\"00000000.log\""),
            Request("wal_segment_archive", 10, ",\"file\":\"00000000.log\""),
            Request("wal_segment_archive", 11, ",\"file\":\"00000002.log\""),
            Request("wal_segment_compress", 12, ",\"file\":\"00000004.log\""),
            Request("wal_segment_compress", 13, ",\"file\":\"00000777.log\""),
            Read(14, 1),
            Read(15, 3),
            Request("wal_segment_locate", 16, ",\"offset\":1"),
            Request("wal_segment_info", 17),
            Request("wal_info", 18),
        ]);
        var (lines, notes, _) = await NodeRunner.Run(Temporary, Lines(requests), "--config", config);
        Assert.Matches("\"file\": \"00000000.log\", \"size_bytes\": 1816, \"stored_bytes\": [0-9]+, ", lines[8]);
        Assert.Equal(22, Number(Body(lines[9]), "code"));
        Assert.Contains(
            $"\"file\": \"00000000.log\", \"archived_to\": \"{archive}/", lines[10], StringComparison.Ordinal);
        Assert.Contains("/00000002.log\", ", lines[11], StringComparison.Ordinal);
        Assert.Equal([22, 20], lines[12..14].Select(line => Number(Body(line), "code")));
        Assert.Contains(
            $"\"payload\": \"{new string('b', 900)}\", \"checksum_valid\": true", lines[14], StringComparison.Ordinal);
        Assert.Contains(
            $"\"payload\": \"{new string('d', 900)}\", \"checksum_valid\": true", lines[15], StringComparison.Ordinal);
        Assert.Contains(
            "\"file\": \"00000000.log\", \"position\": 972, \"length\": 900", lines[16], StringComparison.Ordinal);
        Assert.Matches(
            "\"sealed\": true, \"compressed\": true, \"archived\": true, \"stored_bytes\": [0-9]+}"
                + ".*\"sealed\": true, \"archived\": true, \"stored_bytes\": 1880}",
            lines[17]);
        Assert.Contains("\"entries\": 6, \"total_bytes\": 5448, ", lines[18], StringComparison.Ordinal);
        Assert.DoesNotContain("failed", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_request_should_see_the_effect_of_every_earlier_one_every_time()
    {
        var requests =
            new List<string> { NodeRunner.Init, Request("wal_segment_config", 1, ",\"max_segment_bytes\":300") };
        for (var index = 0; index < 300; index++)
        {
            requests.Add(Append(index, $"record {index}"));
            if (index % 3 == 0) requests.Add(Read(index, index));
            if (index % 7 == 0) requests.Add(Request("wal_info", index));
            if (index % 11 == 0) requests.Add(Request("wal_segment_info", index));
        }

        var input = Lines(requests);
        var (first, _, _) = await NodeRunner.Run(Temporary, input, "--flush", "os-cache");
        Assert.Equal(requests.Count, first.Length);
        Assert.All(first.Select(Body), body => Assert.NotEqual("error", body.GetProperty("type").GetString()));
        var infos = first.Select(Body).Where(body => body.GetProperty("type").GetString() == "wal_info_ok").ToArray();
        Assert.All(
            infos, body => Assert.Equal(body.GetProperty("in_reply_to").GetInt64() + 1, Number(body, "entries")));

        var (second, _, _) = await NodeRunner.Run(Temporary, input, "--flush", "os-cache");
        Assert.Equal(first.Where(IsStable), second.Where(IsStable));

        // Whether all records are on the disk at a moment depends on the disk.
        static bool IsStable(string line) => !line.Contains("fsynced", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_should_be_found_again_in_its_folder()
    {
        await NodeRunner.Run(Temporary, Lines(NodeRunner.Init, Append(2, "kept")), "--data-dir", Data);
        Assert.True(Directory.Exists(Path.Combine(Data, "n1")));
        var (lines, notes, status) = await NodeRunner.Run(
            Temporary, Lines(NodeRunner.Init, Read(2, 0), Append(3, "next")), $"--data-dir={Data}");
        Assert.Equal((0, ""), (status, notes));
        Assert.Equal("kept", Body(lines[1]).GetProperty("payload").GetString());
        Assert.Equal(1, Number(Body(lines[2]), "offset"));
    }

    [Fact]
    public async Task Log_that_another_process_holds_should_be_unavailable_and_not_touched()
    {
        using var holder = new NodeRunner(Temporary, "--data-dir", Data);
        holder.Send(NodeRunner.Init, Append(2, "mine"));
        await holder.ReadLine();
        await holder.ReadLine();

        var (lines, notes, status) = await NodeRunner.Run(
            Temporary, Lines(NodeRunner.Init, Append(2, "yours"), Request("wal_append", 3), Request("nope", 4)),
            "--data-dir", Data);
        Assert.Equal("init_ok", Body(lines[0]).GetProperty("type").GetString());
        Assert.Equal([11, 11, 10], lines.Skip(1).Select(line => Number(Body(line), "code")));
        Assert.Contains("locked", Body(lines[1]).GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains($"the log could not be used: {Data}/n1 is locked by process {holder.Id}", notes,
            StringComparison.Ordinal);
        Assert.Equal(1, status);

        holder.Send(Request("wal_info", 3));
        Assert.Equal(1, Number(Body(await holder.ReadLine()), "entries"));
    }

    private static long Number(JsonElement body, string name) => body.GetProperty(name).GetInt64();

    private static JsonNode Turn(JsonNode node) => node is JsonObject members
        ? new JsonObject(members.Reverse()
            .Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Turn(member.Value)))
            .ToList()!)
        : node.DeepClone();

    [Fact]
    public async Task Large_records_should_be_read_in_order_with_room_for_few_of_them()
    {
        const int Records = 40;
        var config = Path.Combine(Root, "small.conf");
        File.WriteAllText(config, """
            akka-wal.node.window-read-bytes = 10 KiB
            akka-wal.node.window-reads = 8
            akka-wal.node.request-timeout = 60 s
            akka-wal.max-segment-bytes = 20 KiB
            """);
        var payloads = Enumerable.Range(0, Records)
            .Select(i => new string((char)('a' + i % 26), i % 3 == 0 ? 100 : 3000 + i)).ToList();
        var input = payloads.Select((payload, i) => Append(2 + i, payload)).Prepend(NodeRunner.Init)
            .Concat(payloads.Select((_, i) => Read(100 + i, i))).Append(Request("wal_info", 999));
        var (lines, _, status) = await NodeRunner.Run(Temporary, Lines(input), "--config", config);
        Assert.Equal(0, status);
        var reads = lines.Select(Body).SkipWhile(body => body.GetProperty("type").GetString() != "wal_read_ok")
            .SkipLast(1).ToList();
        Assert.Equal(Enumerable.Range(100, Records), reads.Select(body => body.GetProperty("in_reply_to").GetInt32()));
        Assert.Equal(payloads, reads.Select(body => body.GetProperty("payload").GetString()));
    }
}
