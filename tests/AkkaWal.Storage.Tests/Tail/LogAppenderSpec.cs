using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Tail;

/// <summary>Many threads append to one log without actors.</summary>
public sealed class LogAppenderSpec
{
    private const string Directory = "/log";

    /// <summary>Small segments: the log rolls all the time.</summary>
    private static readonly WalOptions SmallSegments = new() { MaxSegmentBytes = 2000 };

    private readonly SimulatedDisk _disk = new();

    private LogAppender Open(
        WalOptions? options = null, long maxPendingBytes = 64 << 20, IWalFileSystem? files = null) =>
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
        await using (var log = Open(SmallSegments with { Flush = flush }))
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
            if (operation.Kind != DiskOperationKind.Sync || !operation.Path.EndsWith(".log", StringComparison.Ordinal))
                return null;
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
    public async Task Appends_beyond_the_pending_bytes_should_wait_in_their_order()
    {
        const int MaxPendingBytes = 40;
        // Without space ahead of the tail, each write of the log's file is a commit.
        await using var log = Open(new WalOptions { Flush = FlushPolicy.OsCache }, MaxPendingBytes);
        using var reached = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        var commits = new List<int>();
        _disk.Faults = operation =>
        {
            if (operation.Kind == DiskOperationKind.Write && operation.Path.EndsWith(".log", StringComparison.Ordinal))
            {
                lock (commits) commits.Add(operation.LengthBytes);
                reached.Set();
                held.Wait();
            }
            return null;
        };
        var first = Task.Run(() => log.AppendAsync(TextOf("0123456789")));
        reached.Wait();
        // Frames of 18 bytes, and one of 108 that never fits beside another.
        var others = Enumerable.Range(0, 20)
            .Select(i => log.AppendAsync(TextOf(i == 7 ? new string('x', 100) : "0123456789"))).ToList();
        held.Set();
        Assert.Equal(0, await first);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), await Task.WhenAll(others));
        lock (commits) Assert.All(commits, bytes => Assert.True(bytes is 108 or <= MaxPendingBytes, $"{bytes} bytes"));
        await log.SyncAsync();
        using var reader = ReaderOf(_disk);
        Assert.Equal(100, reader.Read(8).Length);
    }

    [Fact]
    public async Task Closing_should_commit_what_waits_and_refuse_what_comes()
    {
        var log = Open(maxPendingBytes: 40);
        using var reached = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        _disk.Faults = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync || !operation.Path.EndsWith(".log", StringComparison.Ordinal))
                return null;
            reached.Set();
            held.Wait();
            return null;
        };
        var first = Task.Run(() => log.AppendAsync(TextOf("first")));
        reached.Wait();
        var others = Enumerable.Range(0, 100).Select(i => log.AppendAsync(TextOf($"record {i}"))).ToList();
        var closing = log.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => { _ = log.AppendAsync(TextOf("late")); });
        Assert.Throws<ObjectDisposedException>(() => { _ = log.SyncAsync(); });
        Assert.False(closing.IsCompleted);
        held.Set();
        await closing;
        await log.DisposeAsync();
        Assert.Equal(0, await first);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), await Task.WhenAll(others));
        Assert.Equal((0, 0), (_disk.OpenHandleCount, _disk.HeldLockCount));
    }

    [Theory]
    [InlineData(FlushPolicy.OsCache)]
    [InlineData(FlushPolicy.Interval)]
    public async Task Sync_should_make_durable_what_was_appended(FlushPolicy flush)
    {
        var log = Open(new WalOptions { Flush = flush });
        for (var i = 0; i < 10; i++) await log.AppendAsync(TextOf($"record {i}"));
        Assert.Equal(10, await log.SyncAsync());
        using (var reader = ReaderOf(_disk.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None))))
            Assert.Equal(10, reader.NextOffset);
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Sync_that_fails_should_fail_and_latch()
    {
        var log = Open(new WalOptions { Flush = FlushPolicy.OsCache });
        await log.AppendAsync(TextOf("one"));
        _disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        await Assert.ThrowsAsync<WalOutcomeUnknownException>(log.SyncAsync);
        _disk.Faults = null;
        await Assert.ThrowsAsync<WalReadOnlyException>(() => log.AppendAsync(TextOf("two")));
        await log.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Last_sync_that_fails_should_be_told_by_a_close_and_noted_by_a_disposal(bool isClosed)
    {
        List<string> notes = [];
        var log = LogAppender.Open("/data/log", new WalOptions { Flush = FlushPolicy.OsCache }, _disk, notes.Add);
        await log.AppendAsync(TextOf("one"));
        _disk.Faults = operation => operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
        if (isClosed) await Assert.ThrowsAsync<WalOutcomeUnknownException>(log.CloseAsync);
        await log.DisposeAsync();
        await log.CloseAsync();
        Assert.Equal(isClosed ? 0 : 1, notes.Count(note => note.Contains("not closed cleanly")));
        Assert.Equal((0, 0), (_disk.OpenHandleCount, _disk.HeldLockCount));
    }

    [Fact]
    public async Task Batch_whose_list_is_cleared_behind_the_call_should_be_appended_all_the_same()
    {
        await using var log = Open();
        List<ReadOnlyMemory<byte>> payloads = [TextOf("one"), TextOf("two")];
        var append = log.AppendBatchAsync(payloads);
        payloads.Clear();
        Assert.Equal(0, await append);
        Assert.Equal(2, await log.AppendAsync(TextOf("three")));
    }

    [Fact]
    public async Task Payload_that_is_too_large_should_be_refused_at_once()
    {
        const int MostBytes = 10;
        await using var log = Open(new WalOptions { MaxPayloadBytes = MostBytes });
        Assert.Throws<ArgumentException>(() => { _ = log.AppendAsync(new byte[MostBytes + 1]); });
        Assert.Throws<ArgumentException>(() => { _ = log.AppendBatchAsync([]); });
        Assert.Equal(0, await log.AppendAsync(new byte[MostBytes]));
    }
}
