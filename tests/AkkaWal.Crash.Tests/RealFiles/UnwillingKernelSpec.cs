using System.Text.Json;

namespace AkkaWal.Crash.Tests.RealFiles;

/// <summary>
/// The real node on a file system that does not support some calls. A failed courtesy is noted once and fails nothing.
/// If a promise can't be kept, the opening is refused.
/// </summary>
[Trait("Suite", "RealFiles")]
public sealed class UnwillingKernelSpec : IDisposable
{
    private const string Always = "1+";

    private readonly string _directory = Directory.CreateTempSubdirectory("akkawal-kernel-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [StraceTheory]
    [InlineData("fchmod", "EPERM", "always", 100, 8, "make read-only", "Operation not permitted")]
    [InlineData("fallocate", "EOPNOTSUPP", "os-cache", 1 << 20, 12, "allocate space for", "Operation not supported")]
    [InlineData("sync_file_range", "EINVAL", "os-cache", 1 << 20, 12, "begin to write out", "Invalid argument")]
    public void Courtesy_that_is_not_done_should_be_noted_once_and_fail_no_commit_and_no_roll(
        string call, string error, string flush, int payloadBytes, int perSegment, string asked, string reason)
    {
        const int Segments = 3;
        var payloads = Enumerable.Range(0, perSegment * Segments).Select(i => $"{i} ".PadRight(payloadBytes, 'x'))
            .ToList();
        using (var node = new RunningNode(_directory, "--flush", flush))
        {
            using (new Strace(node.Id, call, error, Always))
            {
                Expect("init_ok", node.Initialize());
                for (var i = 0; i < payloads.Count; i++)
                {
                    Assert.Equal(i, Expect("wal_append_ok", node.Append(payloads[i])).GetProperty("offset").GetInt64());
                    if ((i + 1) % perSegment == 0)
                        Expect("wal_segment_seal_ok", node.Ask(RunningNode.Request("wal_segment_seal")));
                }
                Expect("wal_segment_compress_ok",
                    node.Ask(RunningNode.Request("wal_segment_compress", ("file", "00000000.log"))));
                Expect("wal_sync_ok", node.Ask(RunningNode.Request("wal_sync")));
            }
            Assert.Equal(0, node.End());
            Assert.Equal(1, CountOf(asked, node.Notes));
            Assert.Contains($": {reason}; the log goes on", node.Notes, StringComparison.Ordinal);
        }
        AssertHolds(payloads);
    }

    [StraceTheory]
    [InlineData("fsync", "EINVAL", "its file system does not sync directories")]
    [InlineData("flock", "ENOLCK", "its file system has no locks (flock)")]
    public void File_system_that_cannot_promise_it_should_be_refused_with_a_reason_until_it_does(
        string call, string error, string reason)
    {
        // The log's directory does not exist yet.
        using var node = new RunningNode(_directory);
        using (new Strace(node.Id, call, error, Always))
        {
            Expect("init_ok", node.Initialize());
            var refused = Expect("error", node.Append("refused"));
            Assert.Equal(11, refused.GetProperty("code").GetInt32());
            Assert.Contains(reason, refused.GetProperty("text").GetString(), StringComparison.Ordinal);
        }
        Assert.Equal(1, CountOf(reason, node.Notes));
        node.End();
        AssertHolds([]);
    }

    [StraceTheory]
    [InlineData("ENOLCK")]
    [InlineData("EINVAL")]
    public void Directory_that_cant_be_locked_should_be_noted_and_the_lock_file_be_enough(string error)
    {
        using (var node = new RunningNode(_directory))
        {
            // The first lock of a thread is that of the directory.
            using (new Strace(node.Id, "flock", error, "1"))
            {
                Expect("init_ok", node.Initialize());
                Expect("wal_append_ok", node.Append("kept"));
                using var second = RunningNode.Initialized(_directory);
                Assert.Equal(11, RunningNode.CodeOf(second.Append("refused")));
                second.End();
            }
            Assert.Equal(1, CountOf("locks no directories", node.Notes));
            Assert.Equal(0, node.End());
        }
        AssertHolds(["kept"]);
    }

    private static JsonElement Expect(string type, JsonElement reply)
    {
        Assert.True(RunningNode.TypeOf(reply) == type, $"{reply}");
        return reply;
    }

    private static int CountOf(string text, string notes) => notes.Split(text).Length - 1;

    private void AssertHolds(IReadOnlyCollection<string> payloads)
    {
        using var node = RunningNode.Initialized(_directory);
        Assert.Equal(payloads, node.ReadAll());
        Expect("wal_append_ok", node.Append("goes on"));
        Assert.Equal(0, node.End());
    }
}
