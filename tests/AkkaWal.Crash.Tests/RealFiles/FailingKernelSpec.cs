namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>The real node on real files, with system calls that fail by strace.</summary>
[Trait("Suite", "RealFiles")]
public sealed class FailingKernelSpec : IDisposable
{
    private const int MaxAppends = 40;

    private readonly string _directory = Directory.CreateTempSubdirectory("akkawal-kernel-").FullName;
    private readonly List<string> _acknowledged = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [StraceTheory]
    [InlineData("fsync,fdatasync", "EIO", "1")]
    [InlineData("fsync,fdatasync", "EIO", "2")]
    [InlineData("fsync,fdatasync", "EIO", "4")]
    [InlineData("fsync,fdatasync", "ENOSPC", "3")]
    [InlineData("fsync,fdatasync", "EDQUOT", "1")]
    [InlineData("pwrite64,pwritev", "EIO", "1")]
    [InlineData("pwrite64,pwritev", "EIO", "2")]
    public void Failure_should_be_answered_13_once_and_11_from_then_on_while_reads_go_on(
        string calls, string error, string when)
    {
        using (var node = Started())
        {
            using (new Strace(node.Id, calls, error, when))
            {
                // A write of the index that fails after an acknowledgement latches while no request is under way. Then
                // 11 comes first.
                var first = AppendUntilRefused(node);
                Assert.True(
                    first == 13 || (first == 11 && calls.StartsWith("pwrite", StringComparison.Ordinal)),
                    $"code {first}");
            }

            for (var i = 0; i < 5; i++)
                Assert.Equal(11, RunningNode.CodeOf(node.Append("refused")));
            for (var offset = 0; offset < _acknowledged.Count; offset++)
                Assert.Equal(
                    _acknowledged[offset],
                    node.Ask(RunningNode.Request("wal_read", ("offset", offset))).GetProperty("payload").GetString());
            // No more syncs will come, so the request is refused, and the end of the input does not wait. If the failed
            // call was the index's, all records may be on the disk already, and then a sync reports that.
            var sync = node.Ask(RunningNode.Request("wal_sync"));
            if (RunningNode.TypeOf(sync) == "wal_sync_ok")
                Assert.True(sync.GetProperty("durable_offset").GetInt64() >= _acknowledged.Count - 1, $"{sync}");
            else Assert.Equal(13, RunningNode.CodeOf(sync));
            node.End();
            Assert.Contains(error == "EIO" ? "Input/output error" : "sync", node.Notes, StringComparison.Ordinal);
        }

        AssertHolds(unknownCount: 1);
    }

    [StraceTheory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Write_without_room_should_be_answered_14_and_the_next_one_work(string when)
    {
        using (var node = Started())
        {
            // Each size uses another system call: gathered (with reserved space), then the records alone.
            using (new Strace(node.Id, "pwrite64,pwritev", "ENOSPC", when))
            {
                for (var i = 0; i < MaxAppends; i++)
                {
                    var reply = node.Append($"record {i}");
                    if (RunningNode.CodeOf(reply) == 14)
                        continue;
                    Assert.True(RunningNode.TypeOf(reply) == "wal_append_ok", $"{reply}\n{node.Notes}");
                    Assert.Equal(_acknowledged.Count, reply.GetProperty("offset").GetInt64());
                    _acknowledged.Add($"record {i}");
                }
            }

            Assert.True(_acknowledged.Count >= MaxAppends - 4, $"{_acknowledged.Count} of {MaxAppends}");
            Assert.Equal(_acknowledged, node.ReadAll());
            node.Kill();
        }

        AssertHolds(unknownCount: 0);
    }

    /// <summary>A node whose log is open, since it answered an append.</summary>
    private RunningNode Started()
    {
        var node = RunningNode.Initialized(_directory);
        Assert.Equal("wal_append_ok", RunningNode.TypeOf(node.Append("first")));
        _acknowledged.Add("first");
        return node;
    }

    private int AppendUntilRefused(RunningNode node)
    {
        for (var i = 0; i < MaxAppends; i++)
        {
            var reply = node.Append($"record {i}");
            if (RunningNode.CodeOf(reply) is var code and >= 0)
                return code;
            _acknowledged.Add($"record {i}");
        }

        throw new InvalidOperationException("no append failed");
    }

    private void AssertHolds(int unknownCount)
    {
        using var node = RunningNode.Initialized(_directory);
        var held = node.ReadAll();
        Assert.InRange(held.Count, _acknowledged.Count, _acknowledged.Count + unknownCount);
        Assert.Equal(_acknowledged, held.Take(_acknowledged.Count));
        Assert.Equal("wal_append_ok", RunningNode.TypeOf(node.Append("goes on")));
        Assert.Equal(0, node.End());
    }
}
