namespace AkkaWal.Node.Tests.EndToEnd.Lifecycle;

/// <summary>The node on the file system that it has on Windows and macOS.</summary>
public class PortableFilesSpec : NodeSpec
{
    private const string Weakness = "the portable file system promises less";

    [Fact]
    public async Task Node_should_keep_its_logs_on_portable_files_and_note_once_that_they_promise_less()
    {
        string[] appends = [.. Enumerable.Range(2, 20).Select(id => Append(id, $"record {id}"))];
        var send = """{"src":"c1","dest":"n1","body":{"type":"send","msg_id":50,"key":"Orders","msg":7}}""";
        var (lines, notes, status) = await Run([
            NodeRunner.Init, .. appends, Request("wal_segment_seal", 40), send, Request("wal_sync", 51),
        ]);
        Assert.Equal(0, status);
        Assert.DoesNotContain(lines, line => Body(line).GetProperty("type").GetString() == "error");
        Assert.Equal(notes.IndexOf(Weakness, StringComparison.Ordinal), notes.LastIndexOf(Weakness));
        Assert.Contains(Weakness, notes, StringComparison.Ordinal);

        var poll = """{"src":"c1","dest":"n1","body":{"type":"poll","msg_id":3,"offsets":{"Orders":0}}}""";
        (lines, _, status) = await Run([NodeRunner.Init, Read(2, 19), poll]);
        Assert.Equal(0, status);
        Assert.Equal("record 21", Body(lines[1]).GetProperty("payload").GetString());
        Assert.Equal("[[0,7]]", string.Concat(
            Body(lines[2]).GetProperty("msgs").GetProperty("Orders").GetRawText().Where(c => !char.IsWhiteSpace(c))));
    }

    private async Task<(string[] Lines, string Notes, int Status)> Run(string[] lines)
    {
        using var node = new NodeRunner(Temporary, "portable", ["--data-dir", Data]);
        var output = node.Output.ReadToEndAsync();
        node.Send(lines);
        node.Input.Close();
        var text = await output;
        var (notes, status) = await node.End();
        return (text.Split('\n', StringSplitOptions.RemoveEmptyEntries), notes, status);
    }
}
