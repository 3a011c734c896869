namespace AkkaWal.Node.Tests.EndToEnd.Lifecycle;

public class KillSpec : NodeSpec
{
    private const int Lives = 25;

    [Theory]
    [InlineData("always")]
    [InlineData("os-cache")]
    public async Task Acknowledged_records_should_be_there_after_every_kill(string flush)
    {
        var random = new Random(11);
        var acknowledged = new Dictionary<long, string>();
        for (var life = 0; life < Lives; life++)
        {
            using var node = new NodeRunner(
                Temporary, "--data-dir", Data, "--flush", flush, "--max-segment-bytes", "4096");
            node.Send(NodeRunner.Init);
            await node.ReadLine();
            var writer = Task.Run(() => WriteForEver(node, life));

            var wanted = random.Next(1, 400);
            for (var count = 0; count < wanted; count++)
            {
                var body = Body(await node.ReadLine());
                Assert.Equal("wal_append_ok", body.GetProperty("type").GetString());
                acknowledged.Add(
                    body.GetProperty("offset").GetInt64(), Payload(life, body.GetProperty("in_reply_to").GetInt64()));
            }

            node.Signal("KILL");
            await writer;
            await node.End();
        }

        await AssertHolds(acknowledged);
    }

    private static string Payload(int life, long id) => $"life {life}, record {id}";

    private static void WriteForEver(NodeRunner node, int life)
    {
        try
        {
            for (long id = 2; ; id++) node.Send(Append(id, Payload(life, id)));
        }
        catch (IOException)
        {
            // Killed.
        }
    }

    private async Task AssertHolds(Dictionary<long, string> acknowledged)
    {
        var offsets = acknowledged.Keys.Order().ToArray();
        var requests = offsets.Select((offset, index) => Read(index + 2, offset)).Prepend(NodeRunner.Init)
            .Append(Request("wal_info", 0));
        var (lines, notes, status) = await NodeRunner.Run(Temporary, Lines(requests), "--data-dir", Data);
        Assert.Equal((0, ""), (status, notes));
        for (var index = 0; index < offsets.Length; index++)
            Assert.Equal(acknowledged[offsets[index]], Body(lines[index + 1]).GetProperty("payload").GetString());
        Assert.True(Body(lines[^1]).GetProperty("entries").GetInt64() >= offsets.Length);
    }
}
