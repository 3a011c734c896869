using System.Text.Json;

namespace AkkaWal.Node.Tests.EndToEnd;

public class KafkaSpec : NodeSpec
{
    private static string Message(long id, string key, string json) =>
        Request("send", id, $",\"key\":{JsonSerializer.Serialize(key)},\"msg\":{json}");

    private static string Offsets(string type, long id, string json) => Request(type, id, $",\"offsets\":{json}");

    private static string WithoutIds(string line) =>
        line[(line.IndexOf("\"in_reply_to\"", StringComparison.Ordinal))
            ..line.LastIndexOf(", \"msg_id\"", StringComparison.Ordinal)];

    [Fact]
    public async Task Messages_and_committed_offsets_should_be_there_after_a_restart()
    {
        var (lines, _, status) = await NodeRunner.Run(Temporary, Lines(
            NodeRunner.Init,
            Message(2, "k1", "1"),
            Message(3, "k1", """{"a":[1,"\u00e4"]}"""),
            Message(4, "../k2 ä", "null"),
            Offsets("poll", 5, """{"k1":0,"../k2 ä":0,"nope":3}"""),
            Offsets("commit_offsets", 6, """{"k1":1,"../k2 ä":0}"""),
            Offsets("commit_offsets", 7, """{"k1":0}"""),
            Request("list_committed_offsets", 8, ""","keys":["k1","nope","../k2 ä"]"""),
            Offsets("poll", 9, """{"k1":2}""")), "--data-dir", Data);
        Assert.Equal(0, status);
        Assert.Equal(
            [
                "\"in_reply_to\": 1",
                "\"in_reply_to\": 2, \"offset\": 0",
                "\"in_reply_to\": 3, \"offset\": 1",
                "\"in_reply_to\": 4, \"offset\": 0",
                "\"in_reply_to\": 5, \"msgs\": {\"k1\": [[0, 1], [1, {\"a\": [1, \"\\u00e4\"]}]], "
                    + "\"../k2 ä\": [[0, null]], \"nope\": []}",
                "\"in_reply_to\": 6",
                "\"in_reply_to\": 7",
                "\"in_reply_to\": 8, \"offsets\": {\"k1\": 1, \"../k2 ä\": 0}",
                "\"in_reply_to\": 9, \"msgs\": {\"k1\": []}",
            ],
            lines.Select(WithoutIds));

        (lines, _, status) = await NodeRunner.Run(Temporary, Lines(
            NodeRunner.Init,
            Request("list_committed_offsets", 2, ""","keys":["k1"]"""),
            Message(3, "k1", "2"),
            Offsets("poll", 4, """{"k1":1}"""),
            Request("wal_info", 5)), "--data-dir", Data);
        Assert.Equal(0, status);
        Assert.Contains("\"offsets\": {\"k1\": 1}", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"offset\": 2", lines[2], StringComparison.Ordinal);
        Assert.Contains(
            "\"msgs\": {\"k1\": [[1, {\"a\": [1, \"\\u00e4\"]}], [2, 2]]}", lines[3], StringComparison.Ordinal);
        Assert.Contains("\"entries\": 0", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_keys_than_may_be_open_should_work()
    {
        const int Keys = 9;
        const int Rounds = 4;
        var config = Path.Combine(Root, "node.conf");
        File.WriteAllText(config, "akka-wal.node { kafka.max-open-logs = 3, request-timeout = 60 s }");
        var requests = new List<string> { NodeRunner.Init };
        for (var index = 0; index < Keys * Rounds; index++)
            requests.Add(Message(index, $"key {index % Keys}", $"{index}"));
        requests.Add(Offsets(
            "poll", 0, "{" + string.Join(',', Enumerable.Range(0, Keys).Select(key => $"\"key {key}\":1")) + "}"));

        var (lines, _, status) = await NodeRunner.Run(
            Temporary, Lines(requests), "--config", config, "--flush", "os-cache");
        Assert.Equal(0, status);
        for (var index = 0; index < Keys * Rounds; index++)
            Assert.Equal(index / Keys, Body(lines[index + 1]).GetProperty("offset").GetInt32());
        var messages = Body(lines[^1]).GetProperty("msgs");
        for (var key = 0; key < Keys; key++)
        {
            var expected = Enumerable.Range(1, Rounds - 1).Select(round => $"[{round}, {round * Keys + key}]");
            Assert.Equal($"[{string.Join(", ", expected)}]", messages.GetProperty($"key {key}").GetRawText());
        }
    }

    [Fact]
    public async Task Poll_of_more_keys_than_may_be_open_should_open_none_of_them()
    {
        const int Keys = 300;
        var config = Path.Combine(Root, "node.conf");
        File.WriteAllText(config, "akka-wal.node { kafka.max-open-logs = 4, request-timeout = 60 s }");
        var sends = Enumerable.Range(0, Keys).Select(key => Message(key, $"key {key}", $"{key}"));
        var (sent, _, status) = await NodeRunner.Run(Temporary, Lines([NodeRunner.Init, .. sends]), "--config", config,
            "--data-dir", Data, "--flush", "os-cache");
        Assert.All(sent.Skip(1), line => Assert.Contains("send_ok", line, StringComparison.Ordinal));
        Assert.Equal(0, status);

        // An opening writes at least the log's LOCK.
        var written = Directory.GetFiles(Data, "LOCK", SearchOption.AllDirectories)
            .ToDictionary(file => file, File.GetLastWriteTimeUtc);
        var all = "{" + string.Join(',', Enumerable.Range(0, Keys).Select(key => $"\"key {key}\":0")) + "}";
        var (lines, _, _) = await NodeRunner.Run(Temporary, Lines(NodeRunner.Init, Offsets("poll", 1, all)), "--config",
            config, "--data-dir", Data);
        var messages = Body(lines[1]).GetProperty("msgs");
        for (var key = 0; key < Keys; key++)
            Assert.Equal($"[[0, {key}]]", messages.GetProperty($"key {key}").GetRawText());
        Assert.All(written.Where(file => file.Key.Contains("/keys/", StringComparison.Ordinal)), file =>
            Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
    }

    [Fact]
    public async Task Poll_should_take_thousands_of_keys()
    {
        const int Keys = 5000;
        var all = "{" + string.Join(',', Enumerable.Range(0, Keys).Select(key => $"\"{key}\":0")) + "}";
        var (lines, _, _) = await NodeRunner.Run(Temporary,
            Lines(NodeRunner.Init, Message(2, "7", "1"), Offsets("poll", 3, all)));
        var messages = Body(lines[2]).GetProperty("msgs");
        Assert.Equal(Keys, messages.EnumerateObject().Count());
        Assert.Equal("[[0, 1]]", messages.GetProperty("7").GetRawText());
    }

    [Fact]
    public async Task Poll_below_a_trimmed_head_should_go_on_at_the_first_offset_there_is()
    {
        const int Sends = 30;
        using var node = new NodeRunner(Temporary, "--data-dir", Data, "--config", RetentionConfig());
        node.Send([NodeRunner.Init, .. Enumerable.Range(0, Sends).Select(id => Message(id, "k1", $"{id}"))]);
        for (var line = 0; line <= Sends; line++) await node.ReadLine();
        // A poll ends early where its next segment is deleted while it reads.
        int first = 0, next = 0;
        while (first == 0 || next < Sends)
        {
            node.Send(Offsets("poll", 1, """{"k1":0}"""));
            var messages = Body(await node.ReadLine()).GetProperty("msgs").GetProperty("k1").EnumerateArray()
                .Select(pair => pair[0].GetInt32()).ToList();
            (first, next) = (messages[0], messages[^1] + 1);
            Assert.Equal(Enumerable.Range(first, next - first), messages);
        }
    }

    [Fact]
    public async Task Committed_offsets_should_never_fall_to_retention()
    {
        const int Commits = 40;
        var config = RetentionConfig();
        var commits = Enumerable.Range(0, Commits)
            .Select(id => Offsets("commit_offsets", id, $$"""{"key {{id % 10}}":{{id}}}"""));
        var (lines, _, status) = await NodeRunner.Run(Temporary, Lines([NodeRunner.Init, .. commits]), "--data-dir",
            Data, "--config", config);
        Assert.Equal((Commits + 1, 0), (lines.Length, status));
        Assert.All(lines.Skip(1), line =>
            Assert.Equal("commit_offsets_ok", Body(line).GetProperty("type").GetString()));

        var list = Request("list_committed_offsets", 1,
            $",\"keys\":[{string.Join(',', Enumerable.Range(0, 10).Select(key => $"\"key {key}\""))}]");
        (lines, _, _) = await NodeRunner.Run(Temporary, Lines(NodeRunner.Init, list), "--data-dir", Data, "--config",
            config);
        var offsets = Body(lines[1]).GetProperty("offsets");
        for (var key = 0; key < 10; key++)
            Assert.Equal(Commits - 10 + key, offsets.GetProperty($"key {key}").GetInt32());
    }

    [Fact]
    public async Task Log_of_committed_offsets_should_not_grow_without_bound_and_lose_nothing_when_the_node_is_killed()
    {
        const int Keys = 1000;
        const int Rounds = 4;
        const int CommitsPerRound = 150;
        long offset = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var node = new NodeRunner(Temporary, "--data-dir", Data, "--flush", "os-cache");
            node.Send(NodeRunner.Init, Request("list_committed_offsets", 1,
                $",\"keys\":[{string.Join(',', Enumerable.Range(0, Keys).Select(key => $"\"key {key}\""))}]"));
            await node.ReadLine();
            var listed = Body(await node.ReadLine()).GetProperty("offsets");
            Assert.All(Enumerable.Range(0, offset > 0 ? Keys : 0), key =>
                Assert.Equal(offset, listed.GetProperty($"key {key}").GetInt64()));
            for (var commit = 0; commit < CommitsPerRound; commit++)
            {
                offset++;
                node.Send(Offsets("commit_offsets", offset,
                    "{" + string.Join(',', Enumerable.Range(0, Keys).Select(key => $"\"key {key}\":{offset}")) + "}"));
                Assert.Equal("commit_offsets_ok", Body(await node.ReadLine()).GetProperty("type").GetString());
            }

            node.Signal("KILL");
            await node.End();
        }

        // Twice the limit for compaction, since some commits arrive during it.
        var size = Directory.GetFiles(Path.Combine(Data, "n1", "kafka", "committed"), "*.log")
            .Sum(file => new FileInfo(file).Length);
        Assert.InRange(size, 1, 2 * AkkaWal.Node.Kafka.CommittedLog.LeastCompactedBytes);
    }

    private string RetentionConfig()
    {
        var config = Path.Combine(Root, "retention.conf");
        File.WriteAllText(config,
            """
            akka-wal {
              max-segment-bytes = 40
              retention { max-segments = 2, check-interval = 50 ms }
              node.request-timeout = 60 s
            }
            """);
        return config;
    }
}
