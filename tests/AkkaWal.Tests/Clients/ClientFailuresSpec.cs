using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Clients;

/// <summary>
/// Whatever is asked for wrongly, and whatever is wrong with the log: the client's caller gets an exception that says
/// whether it happened, which log it was, and what to do.
/// </summary>
public sealed class ClientFailuresSpec : ActorSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MaxPayloadBytes = 1000;

    private readonly WalScenario _wal;
    private readonly DiskGate _gate;
    private readonly WalClient _client;

    public ClientFailuresSpec()
    {
        _wal = WalScenario.Start(Sys, s => s with { Options = new WalOptions { MaxPayloadBytes = MaxPayloadBytes } });
        _wal.Client.AppendAsync(new byte[100]).Wait(Patience);
        _client = _wal.Client;
        _gate = new DiskGate();
    }

    protected override void AfterAll()
    {
        _gate.Dispose();
        _wal.Dispose();
        base.AfterAll();
    }

    private static readonly ReadOnlyMemory<byte> Payload = new byte[10];

    [Theory]
    [InlineData("append a payload above the limit", FailureKind.Invalid, "1001 bytes: at most 1000 are allowed")]
    [InlineData("append a batch above the limit", FailureKind.Invalid, "at most 1000 are allowed")]
    [InlineData("append at a negative offset", FailureKind.Invalid, "an offset is 0 or more, not -1")]
    [InlineData("append at another offset", FailureKind.Precondition, "")]
    [InlineData("read a negative offset", FailureKind.Invalid, "an offset is 0 or more, not -1")]
    [InlineData("read behind the end", FailureKind.NotFound, "offset 7")]
    [InlineData("locate behind the end", FailureKind.NotFound, "offset 7")]
    [InlineData("scan behind the end", FailureKind.NotFound, "offset 7")]
    [InlineData("follow behind the end", FailureKind.NotFound, "offset 7")]
    [InlineData("hold a floor without a name", FailureKind.Invalid, "needs its consumer's name")]
    public Task Wrong_request_should_be_refused(string request, FailureKind kind, string reason) => ExpectRefusal(
        request switch
        {
            "append a payload above the limit" => () => _client.AppendAsync(new byte[MaxPayloadBytes + 1]),
            "append a batch above the limit" =>
                () => _client.AppendBatchAsync([Payload, new byte[MaxPayloadBytes + 1]]),
            "append at a negative offset" => () => _client.AppendAsync(Payload, -1),
            "append at another offset" => () => _client.AppendAsync(Payload, 0),
            "read a negative offset" => () => _client.ReadAsync(-1),
            "read behind the end" => () => _client.ReadAsync(7),
            "locate behind the end" => () => _client.LocateAsync(7),
            "scan behind the end" => async () => await _client.ScanAsync(7).CountAsync(),
            "follow behind the end" => async () => await _client.FollowAsync(7).CountAsync(),
            _ => () => _client.HoldFloorAsync("", 0),
        },
        kind, reason);

    [Fact]
    public async Task Full_disk_should_refuse_appends_and_take_them_when_there_is_room()
    {
        _wal.Disk.Fail(DiskOperationKind.Write, ".log", DiskFault.NoSpace);
        await ExpectRefusal(() => _client.AppendAsync(Payload), FailureKind.Aborted, "try again when there is room");
        _wal.Disk.Heal();
        Assert.Equal(1, await _client.AppendAsync(Payload));
    }

    [Fact]
    public async Task Log_that_is_read_only_should_refuse_appends_and_answer_reads()
    {
        _wal.Disk.Fail(DiskOperationKind.Sync, ".log", DiskFault.Error);
        await ExpectRefusal(() => _client.AppendAsync(Payload), FailureKind.OutcomeUnknown, "it may have happened");
        await ExpectRefusal(() => _client.AppendAsync(Payload), FailureKind.Unavailable, "read-only after a failure");
        Assert.Equal(100, (await _client.ReadAsync(0)).Length);
    }

    [Fact]
    public async Task Log_that_another_one_has_should_refuse_everything()
    {
        var settings = new WalSettings { Directory = WalScenario.Directory };
        var second = new WalClient(Sys.ActorOf(LogManager.Props(Sys, settings, _wal.Disk)), Patience);
        await ExpectRefusal(() => second.AppendAsync(Payload), FailureKind.NotOwned, "locked", second);
        await ExpectRefusal(() => second.ReadAsync(0), FailureKind.NotOwned, "locked", second);
    }

    [Fact]
    public async Task Damaged_log_should_refuse_appends_with_the_file_and_answer_reads()
    {
        await _wal.Client.Ask<SegmentSealed>(new SealActiveSegment());
        var (disk, settings) = (_wal.Disk.Kill(), new WalSettings { Directory = WalScenario.Directory });
        disk.Lose(WalScenario.Directory + "/MANIFEST");
        var damaged = new WalClient(Sys.ActorOf(LogManager.Props(Sys, settings, disk)), Patience);
        await ExpectRefusal(() => damaged.AppendAsync(Payload), FailureKind.Unavailable, "MANIFEST", damaged);
        Assert.Equal(100, (await damaged.ReadAsync(0)).Length);
        Assert.Contains("MANIFEST", (await damaged.GetInfoAsync()).Damage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_that_is_closed_should_refuse_everything()
    {
        Sys.Stop(_wal.Log);
        await _wal.Log.WatchAsync().WaitAsync(Patience);
        await ExpectRefusal(() => _client.AppendAsync(Payload), FailureKind.Unavailable, "is not running");
        await ExpectRefusal(() => _client.GetInfoAsync(), FailureKind.Unavailable, "is not running");
    }

    [Fact]
    public async Task Request_whose_time_is_up_or_that_is_cancelled_should_say_that_it_may_have_happened()
    {
        _wal.Disk.Faults = operation =>
            operation.Kind == DiskOperationKind.Sync && operation.Path.EndsWith(".log", StringComparison.Ordinal)
                ? _gate.Pass(null) : null;
        var hasty = new WalClient(_wal.Log, TimeSpan.FromMilliseconds(50));
        await ExpectRefusal(() => hasty.AppendAsync(Payload), FailureKind.OutcomeUnknown, "no reply to Append within");
        using var stop = new CancellationTokenSource();
        var append = _client.AppendAsync(Payload, cancellation: stop.Token);
        await stop.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        Assert.Contains($"an append to {_wal.Log.Path} was cancelled: the append may have happened", cancelled.Message);
        _gate.Open();
        Assert.Equal(3, (await _client.GetInfoAsync()).NextOffset);
    }

    private async Task ExpectRefusal(Func<Task> request, FailureKind kind, string reason, WalClient? client = null)
    {
        var failure = await Assert.ThrowsAsync<WalRequestException>(request);
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        if (client is null) Assert.Equal(_wal.Log.Path.ToString(), failure.Log);
        // Which log, whether it happened, and what to do.
        var advice = kind switch
        {
            FailureKind.OutcomeUnknown => "it may have happened: ",
            FailureKind.NotFound => "ask for what the log holds",
            _ => "it did not happen: ",
        };
        Assert.Contains($" (log {failure.Log}; {advice}", failure.Message, StringComparison.Ordinal);
    }
}
