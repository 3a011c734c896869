using System.Text;
using System.Text.Json;

namespace AkkaWal.Node.Tests.EndToEnd;

/// <summary>The base of the specs of the built program, with temporary folders.</summary>
public abstract class NodeSpec : IDisposable
{
    protected NodeSpec()
    {
        Root = Directory.CreateTempSubdirectory("node-tests-").FullName;
        Data = Path.Combine(Root, "data");
        Temporary = Directory.CreateDirectory(Path.Combine(Root, "tmp")).FullName;
    }

    protected string Root { get; }

    protected string Data { get; }

    protected string Temporary { get; }

    public void Dispose()
    {
        Directory.Delete(Root, true);
        GC.SuppressFinalize(this);
    }

    protected static byte[] Lines(params IEnumerable<string> lines) =>
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    protected static string Request(string type, long id, string fields = "") =>
        $$$"""{"src":"c1","dest":"n1","body":{"type":"{{{type}}}","msg_id":{{{id}}}{{{fields}}}}}""";

    protected static string Append(long id, string payload) =>
        Request("wal_append", id, $",\"payload\":{JsonSerializer.Serialize(payload)}");

    protected static string Read(long id, long offset) => Request("wal_read", id, $",\"offset\":{offset}");

    /// <summary>The body of a reply.</summary>
    protected static JsonElement Body(string line) => JsonDocument.Parse(line).RootElement.GetProperty("body");
}
