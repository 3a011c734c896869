using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>
/// The built node as a process of its own, over its real pipes and on a real directory. Its requests may take long: a
/// read goes through dozens of segments, whose actors share a busy machine with other tests.
/// </summary>
internal sealed class RunningNode : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string PatientConfig = Path.Combine(AppContext.BaseDirectory, "RealFiles", "patient.conf");

    private readonly Process _process;
    private readonly StringBuilder _notes = new();
    private long _requestId;

    public RunningNode(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "AkkaWal.Node"),
            ["--data-dir", directory, "--config", PatientConfig, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("AKKAWAL_DATA_DIR");
        start.Environment.Remove("AKKAWAL_FLUSH");
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_notes)
                _notes.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What it wrote to standard error so far.</summary>
    public string Notes
    {
        get
        {
            lock (_notes)
                return _notes.ToString();
        }
    }

    /// <summary>Starts one and waits until it has its log open, or has refused to.</summary>
    public static RunningNode Initialized(string directory, params string[] arguments)
    {
        var node = new RunningNode(directory, arguments);
        try
        {
            Assert.Equal("init_ok", TypeOf(node.Initialize()));
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    public JsonElement Initialize() => Ask(Request("init", ("node_id", "n1"), ("node_ids", new JsonArray("n1"))));

    /// <summary>One request and its reply's body.</summary>
    public JsonElement Ask(JsonObject request)
    {
        Send(request);
        return Read() ?? throw new EndOfStreamException($"the node ended: {Notes}");
    }

    public JsonElement Append(string payload) => Ask(Request("wal_append", ("payload", payload)));

    /// <summary>Sends a request; throws an <see cref="IOException"/> where the node is gone.</summary>
    public void Send(JsonObject body)
    {
        body["msg_id"] = ++_requestId;
        var envelope = new JsonObject { ["src"] = "c1", ["dest"] = "n1", ["body"] = body };
        var input = _process.StandardInput.BaseStream;
        input.Write(Encoding.UTF8.GetBytes(envelope.ToJsonString() + "\n"));
        input.Flush();
    }

    /// <summary>The next reply's body; null where there is none any more.</summary>
    public JsonElement? Read()
    {
        var line = _process.StandardOutput.ReadLineAsync().WaitAsync(Patience).GetAwaiter().GetResult();
        return line is null ? null : JsonDocument.Parse(line).RootElement.GetProperty("body");
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Patience));
    }

    /// <summary>The end of its input, and its exit status.</summary>
    public int End()
    {
        _process.StandardInput.Close();
        Assert.True(_process.WaitForExit(Patience));
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    public static JsonObject Request(string type, params (string Key, JsonNode Value)[] fields)
    {
        var body = new JsonObject { ["type"] = type };
        foreach (var (key, value) in fields)
            body[key] = value;
        return body;
    }

    public static string TypeOf(JsonElement body) => body.GetProperty("type").GetString()!;

    /// <summary>An error's code; -1 of any other reply.</summary>
    public static int CodeOf(JsonElement body) => TypeOf(body) == "error" ? body.GetProperty("code").GetInt32() : -1;

    /// <summary>All that the log holds, from its start, in order.</summary>
    public List<string> ReadAll()
    {
        List<string> payloads = [];
        while (true)
        {
            var reply = Ask(Request("wal_read_batch", ("offset", payloads.Count)));
            Assert.True(TypeOf(reply) == "wal_read_batch_ok", $"{reply}\n{Notes}");
            var records = reply.GetProperty("records");
            if (records.GetArrayLength() == 0)
                return payloads;
            foreach (var record in records.EnumerateArray())
            {
                Assert.Equal(payloads.Count, record.GetProperty("offset").GetInt64());
                payloads.Add(record.GetProperty("payload").GetString()!);
            }
        }
    }
}
