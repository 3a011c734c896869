using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Segments;

/// <summary>Many threads append to one log without actors.</summary>
public sealed class LogAppenderSpec
{
    private const string Directory = "/log";

    private readonly SimulatedDisk _disk = new();

    private LogAppender Open(WalOptions? options = null, long maxPendingBytes = 64 << 20, IWalFileSystem? files = null) =>
        LogAppender.Open(Directory, options, files ?? _disk, maxPendingBytes: maxPendingBytes);

    private static byte[] TextOf(string text) => Encoding.UTF8.GetBytes(text);

    private static LogReader ReaderOf(SimulatedDisk disk) => LogReader.Open(Directory, files: disk);

    [Fact]
    public async Task One_writer_should_append_in_order()
    {
        await using var log = Open();
        for (var i = 0; i < 10; i++) Assert.Equal(i, await log.AppendAsync(TextOf($"record {i}")));
    }

    [Theory]
    [InlineData(FlushPolicy.Always)]
    [InlineData(FlushPolicy.OsCache)]
    public async Task Many_tasks_should_each_get_the_offset_of_their_own_record(FlushPolicy flush)
    {
        const int Tasks = 64, Each = 50;
        var offsets = new Dictionary<string, long>();
        // Small segments: the log rolls all the time.
        await using (var log = Open(new WalOptions { Flush = flush, MaxSegmentBytes = 2000 }))
        {
            var all = await Task.WhenAll(Enumerable.Range(0, Tasks).Select(task => Task.Run(async () =>
            {
                List<(string Text, long Offset)> mine = [];
                for (var i = 0; i < Each; i++) mine.Add(($"{task}/{i}", await log.AppendAsync(TextOf($"{task}/{i}"))));
                Assert.Equal(mine.Select(one => one.Offset).Order(), mine.Select(one => one.Offset));
                return mine;
            })));
            foreach (var (text, offset) in all.SelectMany(mine => mine)) offsets.Add(text, offset);
        }
        Assert.Equal(Enumerable.Range(0, Tasks * Each).Select(i => (long)i), offsets.Values.Order());
        using var reader = ReaderOf(_disk);
        foreach (var (text, offset) in offsets) Assert.Equal(text, Encoding.UTF8.GetString(reader.Read(offset)));
    }

    [Fact]
    public async Task Acknowledged_record_should_survive_a_power_cut()
    {
        var log = Open();
        var offset = await log.AppendAsync(TextOf("acknowledged"));
        var cut = _disk.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None));
        using var reader = ReaderOf(cut);
        Assert.Equal("acknowledged", Encoding.UTF8.GetString(reader.Read(offset)));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Appends_that_come_during_a_commit_should_share_the_next_one()
    {
        await using var log = Open();
        using var gate = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        var syncs = 0;
        _disk.Faults = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync || !operation.Path.EndsWith(".log", StringComparison.Ordinal)) return null;
            if (Interlocked.Increment(ref syncs) > 1) return null;
            reached.Set();
            gate.Wait();
            return null;
        };
        var first = Task.Run(() => log.AppendAsync(TextOf("first")));
        reached.Wait();
        var others = Enumerable.Range(0, 20).Select(i => log.AppendAsync(TextOf($"other {i}"))).ToList();
        Assert.All(others, other => Assert.False(other.IsCompleted));
        gate.Set();
        Assert.Equal(0, await first);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), await Task.WhenAll(others));
        Assert.Equal(2, syncs);
    }

    [Fact]
    public async Task Batch_should_be_without_a_gap()
    {
        await using var log = Open();
        await log.AppendAsync(TextOf("one"));
        Assert.Equal(1, await log.AppendBatchAsync([TextOf("two"), TextOf("three")]));
        Assert.Equal(3, await log.AppendAsync(TextOf("four")));
    }

    [Fact]
    public async Task Lack_of_room_should_fail_what_did_not_happen_and_pass()
    {
        await using var log = Open();
        await log.AppendAsync(TextOf("before"));
        _disk.Faults = operation => operation.Kind == DiskOperationKind.Write ? DiskFault.NoSpace : null;
        await Assert.ThrowsAsync<WalOutOfSpaceException>(() => log.AppendAsync(TextOf("no room")));
        _disk.Faults = null;
        Assert.Equal(1, await log.AppendAsync(TextOf("after")));
    }

    [Fact]
    public async Task Failed_sync_should_be_unknown_and_latched()
    {
        var log = Open();
        _disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        await Assert.ThrowsAsync<WalOutcomeUnknownException>(() => log.AppendAsync(TextOf("lost?")));
        _disk.Faults = null;
        await Assert.ThrowsAsync<WalReadOnlyException>(() => log.AppendAsync(TextOf("refused")));
        await log.DisposeAsync();
        Assert.Equal((0, 0), (_disk.OpenHandleCount, _disk.HeldLockCount));
    }

    [Fact]
    public async Task Error_of_a_file_system_that_is_none_of_the_logs_should_answer_everybody()
    {
        await using var log = Open();
        _disk.Faults = static operation =>
            operation.Kind == DiskOperationKind.Write ? throw new InvalidOperationException("a bug") : null;
        await Assert.ThrowsAsync<WalOutcomeUnknownException>(() => log.AppendAsync(TextOf("one")));
        _disk.Faults = null;
        await Assert.ThrowsAsync<WalReadOnlyException>(() => log.AppendAsync(TextOf("two")));
    }

    [Fact]
    public async Task Append_beyond_the_pending_bytes_should_wait_for_its_turn()
    {
        await using var log = Open(maxPendingBytes: 20);
        var appends = Enumerable.Range(0, 100).Select(i => Task.Run(() => log.AppendAsync(TextOf($"record {i}")))).ToList();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), (await Task.WhenAll(appends)).Order());
    }

    [Fact]
    public async Task Closed_log_should_refuse_and_have_committed_all()
    {
        var log = Open();
        var appends = Enumerable.Range(0, 100).Select(i => log.AppendAsync(TextOf($"record {i}"))).ToList();
        await log.DisposeAsync();
        await log.DisposeAsync();
        Assert.All(appends, append => Assert.True(append.IsCompletedSuccessfully));
        Assert.Throws<ObjectDisposedException>(() => { _ = log.AppendAsync(TextOf("late")); });
        Assert.Equal((0, 0), (_disk.OpenHandleCount, _disk.HeldLockCount));
    }

    [Fact]
    public async Task Payload_that_is_too_large_should_be_refused_at_once()
    {
        await using var log = Open(new WalOptions { MaxPayloadBytes = 10 });
        Assert.Throws<ArgumentException>(() => { _ = log.AppendAsync(new byte[11]); });
        Assert.Throws<ArgumentException>(() => { _ = log.AppendBatchAsync([]); });
        Assert.Equal(0, await log.AppendAsync(new byte[10]));
    }
}
