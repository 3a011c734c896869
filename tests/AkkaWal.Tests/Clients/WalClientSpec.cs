using System.Runtime.CompilerServices;
using System.Text;
using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Clients;

/// <summary>
/// The messages that the client sends, and what it makes of the replies. The log is often the test itself.
/// </summary>
public sealed class WalClientSpec : ClientSpec
{
    private readonly CancellationTokenSource _stop = new();

    protected override void AfterAll()
    {
        _stop.Dispose();
        base.AfterAll();
    }

    private static ReadBatch Fetch(long offset) => new(offset, 4096, 1 << 20);

    [Fact]
    public async Task Client_should_append_read_scan_and_sync()
    {
        var client = new WalClient(StartLog(FewRecordsASegment), Patience);
        for (var i = 0; i < 20; i++)
            Assert.Equal(i, await client.AppendAsync(Encoding.UTF8.GetBytes($"record {i}"), expectedOffset: i));
        Assert.Equal(20, await client.AppendBatchAsync([new byte[] { 1 }, new byte[] { 2 }], expectedOffset: 20));
        Assert.Equal("record 7", Encoding.UTF8.GetString((await client.ReadAsync(7)).Span));
        Assert.Equal("record 7", Encoding.UTF8.GetString((await client.TryReadAsync(7))!.Value.Span));
        Assert.Null(await client.TryReadAsync(22));
        Assert.Equal(8, (await client.LocateAsync(7)).LengthBytes);
        Assert.Equal(21, await client.SyncAsync());
        Assert.Equal(22, (await client.GetInfoAsync()).EntryCount);
        Assert.True((await client.GetSegmentsAsync()).Count > 3);
        Assert.Equal(5, (await client.HoldFloorAsync("me", 5)).Offset);
        await client.ReleaseFloorAsync("me");
        var offsets = new List<long>();
        await foreach (var (offset, _) in client.ScanAsync(3)) offsets.Add(offset);
        Assert.Equal(Enumerable.Range(3, 19).Select(i => (long)i), offsets);
    }

    [Fact]
    public async Task Client_should_throw_what_the_log_refuses_with_its_name_and_what_to_do()
    {
        var log = StartLog();
        var client = new WalClient(log, Patience);
        var missing = await Assert.ThrowsAsync<WalRequestException>(() => client.ReadAsync(0));
        Assert.Equal((FailureKind.NotFound, log.Path.ToString()), (missing.Kind, missing.Log));
        Assert.Contains($"log {log.Path}; ask for what the log holds", missing.Message, StringComparison.Ordinal);
        await client.AppendAsync(new byte[1]);
        var taken = await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(new byte[1], 0));
        Assert.Equal((FailureKind.Precondition, 1), (taken.Kind, taken.NextOffset));
    }

    [Fact]
    public async Task Bad_input_should_be_refused_before_it_is_sent()
    {
        var log = CreateTestProbe();
        const int MaxPayloadBytes = 10;
        var client = new WalClient(log.Ref, Patience, MaxPayloadBytes);
        foreach (var request in new Func<Task>[]
        {
            () => client.AppendAsync(new byte[MaxPayloadBytes + 1]), () => client.AppendAsync(new byte[1], -1),
            () => client.AppendBatchAsync([]), () => client.AppendBatchAsync([new byte[MaxPayloadBytes + 1]]),
            () => client.AppendBatchAsync([new byte[1]], -1), () => client.ReadAsync(-1),
            () => client.TryReadAsync(-1), () => client.ReadBatchAsync(-1), () => client.LocateAsync(-1),
            async () => await client.ScanAsync(-1).CountAsync(), async () => await client.FollowAsync(-1).CountAsync(),
        })
        {
            Assert.Equal(FailureKind.Invalid, (await Assert.ThrowsAsync<WalRequestException>(request)).Kind);
        }
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.AppendBatchAsync(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WalClient(log.Ref, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WalClient(log.Ref, Patience, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScanOptions { MaxBatchRecords = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScanOptions { MaxBatchBytes = int.MaxValue });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScanOptions { Gaps = (GapPolicy)7 });
        await ExpectNothing(log, client);
    }

    [Fact]
    public async Task Client_should_call_an_append_unknown_when_no_reply_comes()
    {
        var client = new WalClient(CreateTestProbe().Ref, TimeSpan.FromMilliseconds(1));
        var failure = await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(new byte[1]));
        Assert.Equal(FailureKind.OutcomeUnknown, failure.Kind);
        Assert.Contains("may have happened", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_append_should_say_whether_it_may_have_happened()
    {
        var log = CreateTestProbe();
        var client = new WalClient(log.Ref, Patience);
        var append = client.AppendAsync(new byte[1], cancellation: _stop.Token);
        log.ExpectMsg<Append>(Patience);
        await _stop.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        Assert.Contains("may have happened", cancelled.Message, StringComparison.Ordinal);
        // If it is cancelled before it was sent, nothing is sent.
        var late = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.AppendBatchAsync([new byte[1]], cancellation: _stop.Token));
        Assert.DoesNotContain("may have happened", late.Message, StringComparison.Ordinal);
        await ExpectNothing(log, client);
    }

    [Fact]
    public async Task Scan_should_fetch_one_batch_ahead_and_only_when_it_is_read()
    {
        var log = CreateTestProbe();
        var client = new WalClient(log.Ref, Patience);
        await using var reader = client.ScanAsync(5).GetAsyncEnumerator();
        await ExpectNothing(log, client);
        var next = Next(reader);
        Expect(log, Fetch(5), Batch(5, 64));
        Assert.Equal(5, (await next).Offset);
        Expect(log, Fetch(69), Batch(69, 64));
        for (var i = 1; i < 64; i++) Assert.Equal(5 + i, (await Next(reader)).Offset);
        await ExpectNothing(log, client);
        Assert.Equal(69, (await Next(reader)).Offset);
        // A small batch is probably at the log's end, so nothing is fetched ahead.
        Expect(log, Fetch(133), Batch(133, 3));
        for (var i = 1; i < 67; i++) Assert.Equal(69 + i, (await Next(reader)).Offset);
        await ExpectNothing(log, client);
        var end = reader.MoveNextAsync().AsTask();
        Expect(log, Fetch(136), Batch(136, 0));
        Assert.False(await end.WaitAsync(Patience));
    }

    [Fact]
    public async Task Scan_should_throw_the_first_failure()
    {
        var log = CreateTestProbe();
        await using var reader = new WalClient(log.Ref, Patience).ScanAsync(0).GetAsyncEnumerator();
        var next = Next(reader);
        Expect(log, Fetch(0), new RequestFailed(FailureKind.Unavailable, "locked", 0));
        Assert.Equal(FailureKind.Unavailable, (await Assert.ThrowsAsync<WalRequestException>(() => next)).Kind);
    }

    [Fact]
    public async Task Follower_at_the_end_should_send_nothing_until_the_log_tells_of_more()
    {
        var log = CreateTestProbe();
        var client = new WalClient(log.Ref, Patience);
        await using var reader = client.FollowAsync(7).GetAsyncEnumerator();
        var next = Next(reader);
        Expect(log, Fetch(7), Batch(7, 0));
        log.ExpectMsg(new AwaitRecord(7) { MaxWait = Patience }, Patience);
        var asker = log.LastSender;
        await ExpectNothing(log, client);
        asker.Tell(new RecordAwaited(8, 0), log.Ref);
        Expect(log, Fetch(7), Batch(7, 1));
        Assert.Equal(7, (await next).Offset);
        // The record was read, and no more are requested.
        await ExpectNothing(log, client);
        next = Next(reader);
        Expect(log, new AwaitRecord(8) { MaxWait = Patience }, new RecordAwaited(9, 0));
        Expect(log, Fetch(8), Batch(8, 1));
        Assert.Equal(8, (await next).Offset);
    }

    [Fact]
    public async Task Follower_should_try_again_what_may_pass()
    {
        var log = CreateTestProbe();
        await using var reader = new WalClient(log.Ref, Patience).FollowAsync(0).GetAsyncEnumerator();
        var next = Next(reader);
        Expect(log, Fetch(0), new RequestFailed(FailureKind.Unavailable, "the log's actor crashed", 0));
        Expect(log, Fetch(0), new RequestFailed(FailureKind.Aborted, "too many open files", 0));
        Expect(log, Fetch(0), Batch(0, 0));
        Expect(
            log, new AwaitRecord(0) { MaxWait = Patience }, new RequestFailed(FailureKind.Unavailable, "closing", 0));
        // The roll ended the wait: the client waits again, and then reads the record.
        Expect(log, new AwaitRecord(0) { MaxWait = Patience }, new RecordAwaited(0, 0));
        Expect(log, Fetch(0), Batch(0, 1));
        Assert.Equal(0, (await next).Offset);
    }

    [Fact]
    public async Task Follower_should_throw_at_a_damaged_record()
    {
        var log = CreateTestProbe();
        await using var reader = new WalClient(log.Ref, Patience).FollowAsync(0).GetAsyncEnumerator();
        var next = Next(reader);
        Expect(log, Fetch(0), new RecordDamaged(0, "its checksum", 0));
        Assert.Equal(0, (await Assert.ThrowsAsync<WalRequestException>(() => next)).DamagedOffset);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("fetching")]
    [InlineData("trying again")]
    [InlineData("between records")]
    [InlineData("waiting")]
    public async Task Follower_should_end_wherever_it_is_cancelled(string where)
    {
        var log = CreateTestProbe();
        var records = new WalClient(log.Ref, Patience).FollowAsync(0);
        await using var reader = records.GetAsyncEnumerator(_stop.Token);
        if (where == "before") await _stop.CancelAsync();
        var next = reader.MoveNextAsync().AsTask();
        if (where != "before") log.ExpectMsg(Fetch(0), Patience);
        switch (where)
        {
            case "trying again":
                log.Reply(new RequestFailed(FailureKind.Unavailable, "locked", 0));
                log.ExpectMsg(Fetch(0), Patience);
                log.Reply(new RequestFailed(FailureKind.Unavailable, "locked", 0));
                break;
            case "between records":
                log.Reply(Batch(0, 2));
                Assert.True(await next.WaitAsync(Patience));
                next = null;
                break;
            case "waiting":
                log.Reply(Batch(0, 0));
                log.ExpectMsg<AwaitRecord>(Patience);
                break;
        }
        await _stop.CancelAsync();
        next ??= reader.MoveNextAsync().AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Patience));
    }

    [Fact]
    public async Task Code_that_uses_the_interface_should_work_with_a_log_in_memory()
    {
        IWalClient log = new LogInMemory();
        await log.AppendAsync("a"u8.ToArray(), 0);
        await log.AppendBatchAsync(["b"u8.ToArray(), "c"u8.ToArray()], 1);
        var taken = await Assert.ThrowsAsync<WalRequestException>(() => log.AppendAsync("x"u8.ToArray(), 0));
        Assert.Equal(3, taken.NextOffset);
        var text = new StringBuilder();
        await foreach (var record in log.ScanAsync(1)) text.Append(Encoding.UTF8.GetString(record.Payload.Span));
        Assert.Equal("bc", text.ToString());
        Assert.Null(await log.TryReadAsync(3));
    }

    /// <summary>An implementation for a user's own tests.</summary>
    private sealed class LogInMemory : IWalClient
    {
        private readonly List<ReadOnlyMemory<byte>> _records = [];

        public Task<long> AppendAsync(
            ReadOnlyMemory<byte> payload, long? expectedOffset = null, CancellationToken cancellation = default) =>
            AppendBatchAsync([payload], expectedOffset, cancellation);

        public Task<long> AppendBatchAsync(
            IReadOnlyList<ReadOnlyMemory<byte>> payloads, long? expectedOffset = null,
            CancellationToken cancellation = default)
        {
            long next = _records.Count;
            if (expectedOffset is { } expected && expected != next)
                throw new WalRequestException(
                    new RequestFailed(FailureKind.Precondition, "taken", 0) { NextOffset = next });
            _records.AddRange(payloads);
            return Task.FromResult(next);
        }

        public Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellation = default) =>
            Task.FromResult(_records[(int)offset]);

        public Task<ReadOnlyMemory<byte>?> TryReadAsync(long offset, CancellationToken cancellation = default) =>
            Task.FromResult(offset < _records.Count ? _records[(int)offset] : (ReadOnlyMemory<byte>?)null);

        public Task<BatchRead> ReadBatchAsync(
            long offset, int maxRecords = 1000, int maxBytes = 1 << 20, CancellationToken cancellation = default) =>
            Task.FromResult(new BatchRead(offset, [.. _records.Skip((int)offset).Take(maxRecords)], 0));

        public async IAsyncEnumerable<WalRecord> ScanAsync(
            long fromOffset, ScanOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            await Task.Yield();
            for (var offset = fromOffset; offset < _records.Count; offset++)
                yield return new WalRecord(offset, _records[(int)offset]);
        }

        public IAsyncEnumerable<WalRecord> FollowAsync(
            long fromOffset, ScanOptions? options = null, CancellationToken cancellation = default) =>
            ScanAsync(fromOffset, options, cancellation);

        public Task<RecordLocated> LocateAsync(long offset, CancellationToken cancellation = default) =>
            Task.FromResult(new RecordLocated(offset, "00000000.log", 0, _records[(int)offset].Length, 0));

        public Task<LogInfo> GetInfoAsync(CancellationToken cancellation = default) =>
            Task.FromResult(new LogInfo(_records.Count, 0, true, 0, _records.Count, 0));

        public Task<IReadOnlyList<SegmentInfo>> GetSegmentsAsync(CancellationToken cancellation = default) =>
            Task.FromResult<IReadOnlyList<SegmentInfo>>([]);

        public Task<long> SyncAsync(CancellationToken cancellation = default) => Task.FromResult(_records.Count - 1L);

        public Task<FloorHeld> HoldFloorAsync(string name, long offset, CancellationToken cancellation = default) =>
            Task.FromResult(new FloorHeld(name, offset, 0, 0));

        public Task ReleaseFloorAsync(string name, CancellationToken cancellation = default) => Task.CompletedTask;
    }
}
