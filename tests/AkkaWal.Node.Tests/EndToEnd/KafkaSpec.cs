using System.Text.Json;

namespace AkkaWal.Node.Tests.EndToEnd;

public class KafkaSpec : NodeSpec
{
    private static string Message(long id, string key, string json) => Request("send", id, $",\"key\":{JsonSerializer.Serialize(key)},\"msg\":{json}");

    private static string Offsets(string type, long id, string json) => Request(type, id, $",\"offsets\":{json}");

    private static string WithoutIds(string line) => line[(line.IndexOf("\"in_reply_to\"", StringComparison.Ordinal))..line.LastIndexOf(", \"msg_id\"", StringComparison.Ordinal)];

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
                "\"in_reply_to\": 5, \"msgs\": {\"k1\": [[0, 1], [1, {\"a\": [1, \"\\u00e4\"]}]], \"../k2 ä\": [[0, null]], \"nope\": []}",
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
        Assert.Contains("\"msgs\": {\"k1\": [[1, {\"a\": [1, \"\\u00e4\"]}], [2, 2]]}", lines[3], StringComparison.Ordinal);
        Assert.Contains("\"entries\": 0", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_keys_than_may_be_open_should_work()
    {
        const int Keys = 9;
        const int Rounds = 4;
        string config = Path.Combine(Root, "node.conf");
        File.WriteAllText(config, "akka-wal.node.kafka.max-open-logs = 3");
        var requests = new List<string> { NodeRunner.Init };
        for (int index = 0; index < Keys * Rounds; index++) requests.Add(Message(index, $"key {index % Keys}", $"{index}"));
        requests.Add(Offsets("poll", 0, "{" + string.Join(',', Enumerable.Range(0, Keys).Select(key => $"\"key {key}\":1")) + "}"));

        var (lines, _, status) = await NodeRunner.Run(Temporary, Lines(requests), "--config", config, "--flush", "os-cache");
        Assert.Equal(0, status);
        for (int index = 0; index < Keys * Rounds; index++) Assert.Equal(index / Keys, Body(lines[index + 1]).GetProperty("offset").GetInt32());
        var messages = Body(lines[^1]).GetProperty("msgs");
        for (int key = 0; key < Keys; key++)
        {
            var expected = Enumerable.Range(1, Rounds - 1).Select(round => $"[{round}, {round * Keys + key}]");
            Assert.Equal($"[{string.Join(", ", expected)}]", messages.GetProperty($"key {key}").GetRawText());
        }
    }
}
