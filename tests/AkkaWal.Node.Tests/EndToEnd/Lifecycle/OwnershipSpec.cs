using System.Text.Json;

namespace AkkaWal.Node.Tests.EndToEnd.Lifecycle;

/// <summary>Two nodes with one folder, whose files are moved or removed meanwhile.</summary>
public sealed class OwnershipSpec : NodeSpec
{
    private string Log => Path.Combine(Data, "n1");

    [Fact]
    public async Task Node_should_touch_nothing_in_a_folder_that_took_its_own_ones_place()
    {
        using var a = await Start();
        await ExpectAppended(a, 2, "of a");
        Directory.Move(Log, Log + ".old");

        using var b = await Start();
        for (var id = 2; id < 7; id++) await ExpectAppended(b, id, $"of b {id}");
        a.Send(Append(3, "too late"));
        AssertRefused(Body(await a.ReadLine()), Log);
        a.Input.Close();
        var (notes, status) = await a.End();
        Assert.Equal(1, status);
        Assert.Contains($"{Log} is not the directory any more", notes, StringComparison.Ordinal);
        b.Signal("KILL");
        await b.End();

        using var next = await Start();
        for (var id = 2; id < 7; id++) Assert.Equal($"of b {id}", await ReadPayload(next, id, id - 2));
        next.Input.Close();
        Assert.Equal(("", 0), await next.End());
        Directory.Delete(Log, true);
        Directory.Move(Log + ".old", Log);
        using var old = await Start();
        Assert.Equal("of a", await ReadPayload(old, 2, 0));
    }

    [Fact]
    public async Task Removing_the_lock_file_should_let_no_second_node_in_and_end_the_first_ones_appends()
    {
        using var a = await Start();
        for (var id = 2; id < 13; id++) await ExpectAppended(a, id, $"record {id - 2}");
        File.Delete(Path.Combine(Log, "LOCK"));

        using var b = await Start();
        b.Send(Append(2, "of b"));
        Assert.Contains("is locked", TextOf(Body(await b.ReadLine())), StringComparison.Ordinal);
        a.Send(Append(13, "of a"));
        AssertRefused(Body(await a.ReadLine()), Path.Combine(Log, "LOCK"));
        Assert.Equal("record 10", await ReadPayload(a, 14, 10));
        a.Input.Close();
        await a.End();
        b.Signal("KILL");
        await b.End();

        using var next = await Start();
        for (var offset = 0; offset < 11; offset++)
            Assert.Equal($"record {offset}", await ReadPayload(next, offset + 2, offset));
        await ExpectAppended(next, 20, "goes on");
    }

    private async Task<NodeRunner> Start()
    {
        var node = new NodeRunner(Temporary, "--data-dir", Data, "--max-segment-bytes", "64");
        node.Send(NodeRunner.Init);
        Assert.Equal("init_ok", Body(await node.ReadLine()).GetProperty("type").GetString());
        return node;
    }

    private static async Task ExpectAppended(NodeRunner node, int id, string payload)
    {
        node.Send(Append(id, payload));
        Assert.Equal("wal_append_ok", Body(await node.ReadLine()).GetProperty("type").GetString());
    }

    private static async Task<string?> ReadPayload(NodeRunner node, int id, long offset)
    {
        node.Send(Read(id, offset));
        var body = Body(await node.ReadLine());
        Assert.True(body.GetProperty("checksum_valid").GetBoolean());
        return body.GetProperty("payload").GetString();
    }

    private static void AssertRefused(JsonElement body, string path)
    {
        Assert.Equal(("error", 11), (body.GetProperty("type").GetString(), body.GetProperty("code").GetInt32()));
        Assert.Contains(path, TextOf(body), StringComparison.Ordinal);
    }

    private static string? TextOf(JsonElement body) => body.GetProperty("text").GetString();
}
