using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>
/// A node is killed with signal 9 at random moments, a hundred times on one directory. After each start everything
/// acknowledged is there, in order. Whatever else is there was submitted, and batches are whole.
/// </summary>
[Trait("Suite", "RealFiles")]
public sealed class KillLoopSpec(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 100;

    private readonly string _directory = Directory.CreateTempSubdirectory("akkawal-kill-").FullName;
    private readonly List<string> _held = [];
    private readonly Queue<string[]> _underWay = [];
    private int _submitted;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("always")]
    [InlineData("interval")]
    public void Acknowledged_records_should_survive_a_hundred_kills(string flush)
    {
        var clock = Stopwatch.StartNew();
        var random = new Random(flush.Length);
        var recovered = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            // Some nodes are killed before their log is open.
            using var node = new RunningNode(_directory, "--flush", flush, "--max-segment-bytes", "3000");
            if (random.Next(10) == 0)
            {
                node.Send(RunningNode.Request("init", ("node_id", "n1"), ("node_ids", new JsonArray("n1"))));
                node.Kill();
                continue;
            }

            Assert.Equal("init_ok", RunningNode.TypeOf(node.Initialize()));
            recovered += Adopt(node.ReadAll());
            WriteAndKill(node, random);
        }

        using var last = RunningNode.Initialized(_directory, "--flush", flush);
        recovered += Adopt(last.ReadAll());
        Assert.Equal(0, last.End());
        Assert.True(_held.Count > 10 * Kills);
        output.WriteLine(
            $"{flush}: {Kills} kills, {_submitted} records submitted, {_held.Count} there at the end, "
            + $"{recovered} of them never acknowledged, {clock.Elapsed.TotalSeconds:F0} s");
    }

    private void WriteAndKill(RunningNode node, Random random)
    {
        var acknowledgements = random.Next(0, 60);
        var ahead = random.Next(1, 40);
        for (var i = 0; i < acknowledgements + ahead; i++)
        {
            Submit(node, random);
            if (i >= ahead)
                ReadAcknowledgement(node);
        }

        node.Kill();
        // Replies that it sent before it was killed are acknowledgements, too.
        while (node.Read() is { } reply)
            NoteAcknowledged(reply);
    }

    private void Submit(RunningNode node, Random random)
    {
        var batch = Enumerable.Range(0, random.Next(4) == 0 ? random.Next(2, 5) : 1)
            .Select(_ => $"record {_submitted++}".PadRight(random.Next(200))).ToArray();
        _underWay.Enqueue(batch);
        node.Send(batch.Length == 1
            ? RunningNode.Request("wal_append", ("payload", batch[0]))
            : RunningNode.Request(
                "wal_append_batch",
                ("payloads", new JsonArray([.. batch.Select(payload => JsonValue.Create(payload))]))));
    }

    private void ReadAcknowledgement(RunningNode node) =>
        NoteAcknowledged(node.Read() ?? throw new EndOfStreamException(node.Notes));

    private void NoteAcknowledged(System.Text.Json.JsonElement reply)
    {
        var type = RunningNode.TypeOf(reply);
        var batch = _underWay.Dequeue();
        Assert.True(type is "wal_append_ok" or "wal_append_batch_ok", reply.ToString());
        Assert.Equal(_held.Count, reply.GetProperty(batch.Length == 1 ? "offset" : "first_offset").GetInt64());
        _held.AddRange(batch);
    }

    /// <summary>
    /// Checks the records after a start: all acknowledged ones, and then whole batches in their order.
    /// </summary>
    private int Adopt(List<string> found)
    {
        Assert.Equal(_held, found.Take(_held.Count));
        var recovered = found.Count - _held.Count;
        while (_held.Count < found.Count)
        {
            var batch = _underWay.Dequeue();
            Assert.Equal(batch, found.Skip(_held.Count).Take(batch.Length));
            _held.AddRange(batch);
        }

        _underWay.Clear();
        return recovered;
    }
}
