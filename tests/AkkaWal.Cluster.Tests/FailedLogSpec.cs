using Akka.Actor;
using Akka.Event;
using AkkaWal.Cluster.Entity;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;
using AkkaWal.Tests;

namespace AkkaWal.Cluster.Tests;

/// <summary>A log that takes no appends is opened again by itself where that helps, and at a bounded rate.</summary>
public sealed class FailedLogSpec : ClusterSpec
{
    private const string Disk = "disk-0", Log = "orders", End = "the end";

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();
    private readonly FaultyFiles _files = new(WalFileSystem.Default);
    private Inbox? _operators;

    public override async Task DisposeAsync()
    {
        _operators?.Dispose();
        await base.DisposeAsync();
    }

    [Theory]
    [InlineData(WalPlacement.Shared)]
    [InlineData(WalPlacement.Local)]
    public async Task Log_whose_sync_has_failed_should_take_appends_again(WalPlacement placement)
    {
        var node = await StartNode(placement);
        var client = node.Logs.Client(Log, TestCluster.Patience);
        await FailAnAppend(client);

        _files.Faults = null;
        await AssertRefused(node);
        _clock.Advance(Reopenings.FirstPause);
        // The second record was written, and the recovery has found it.
        Assert.Equal(2, await client.AppendAsync(new byte[] { 3 }));
        var batch = await client.ReadBatchAsync(0);
        Assert.Equal([1, 2, 3], batch.Payloads.Select(payload => Assert.Single(payload.ToArray())));
        Assert.Equal(1, ReopeningCount(node));
    }

    [Fact]
    public async Task Log_whose_disk_still_fails_should_be_opened_again_after_a_longer_pause()
    {
        var node = await StartNode(WalPlacement.Local);
        var client = node.Logs.Client(Log, TestCluster.Patience);
        await FailAnAppend(client);
        _clock.Advance(Reopenings.FirstPause);
        await AssertRefused(node);
        Assert.Equal(1, ReopeningCount(node));

        _clock.Advance(Reopenings.FirstPause);
        await AssertRefused(node);
        Assert.Equal(0, ReopeningCount(node));

        _files.Faults = null;
        _clock.Advance(Reopenings.FirstPause);
        Assert.Equal(2, await client.AppendAsync(new byte[] { 3 }));
        Assert.Equal(1, ReopeningCount(node));
    }

    [Fact]
    public async Task Damaged_log_should_not_be_opened_again_until_it_is_repaired()
    {
        var node = await StartNode(WalPlacement.Local);
        var directory = Path.Combine(Cluster.SharedRoot, LogName.FolderOf(Log));
        using (var log = SegmentedLog.Open(directory, new WalOptions()))
            log.Append(new byte[] { 1 });
        File.WriteAllBytes(Assert.Single(Directory.GetFiles(directory, "*.log")), new byte[10]);
        await AskForInfo(node, info => Assert.NotEmpty(info.Damage));
        _clock.Advance(Reopenings.LongestPause);
        await AskForInfo(node, info => Assert.NotEmpty(info.Damage));
        Assert.Equal(0, ReopeningCount(node));
    }

    [Theory]
    [InlineData(WalPlacement.Shared)]
    [InlineData(WalPlacement.Local)]
    public async Task Log_whose_directory_was_moved_away_should_go_on_when_it_is_back(WalPlacement placement)
    {
        var node = await StartNode(placement);
        var client = node.Logs.Client(Log, TestCluster.Patience);
        await client.AppendAsync(new byte[] { 1 });
        var directory = Path.Combine(Cluster.SharedRoot, LogName.FolderOf(Log));
        Directory.Move(directory, directory + "-away");
        _clock.Advance(Reopenings.LongestPause);
        await Eventually.True(
            async () => (await Refusal(node)).Message.Contains("can't be found", StringComparison.Ordinal),
            "a refusal that names the directory");
        Assert.False(Directory.Exists(directory));

        Directory.Move(directory + "-away", directory);
        Assert.Equal(1, await client.AppendAsync(new byte[] { 3 }));
    }

    [Fact]
    public async Task Log_whose_next_segment_could_not_be_opened_should_be_opened_again()
    {
        var node = await StartNode(WalPlacement.Local, maxSegmentBytes: 1);
        var client = node.Logs.Client(Log, TestCluster.Patience);
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1 }));
        _files.Faults = call => call.Word == "open to write"
            && call.Path.EndsWith(SegmentName.Log(1), StringComparison.Ordinal) ? DiskFault.Error : null;
        await Refusal(node);

        _files.Faults = null;
        await AssertRefused(node);
        _clock.Advance(Reopenings.FirstPause);
        // The first check: the log might only have had too many requests.
        await AssertRefused(node);
        Assert.Equal(0, ReopeningCount(node));
        _clock.Advance(Reopenings.FirstPause);
        await client.AppendAsync(new byte[] { 3 });
        Assert.Equal(1, ReopeningCount(node));
    }

    private async Task<TestNode> StartNode(WalPlacement placement, long? maxSegmentBytes = null)
    {
        var node = await Cluster.Start(
            akka => akka.WithShardedWal<FailedLogSpec>(
                TestCluster.Region,
                o =>
                {
                    (o.Root, o.InitializeRoot, o.Placement) = (Cluster.SharedRoot, true, placement);
                    if (placement == WalPlacement.Local) o.NodeRoles.Add(Disk);
                    (o.Log.Flush, o.Log.MaxSegmentBytes) = (FlushPolicy.Always, maxSegmentBytes);
                    o.EntityProps = (region, log) => LogEntity.PropsOf(region with { Files = _files }, log);
                },
                settings => settings with { Options = settings.Options with { Clock = _clock } }),
            [Disk]);
        node.System.EventStream.SetLogLevel(LogLevel.WarningLevel);
        _operators = Inbox.Create(node.System);
        node.System.EventStream.Subscribe(_operators.Receiver, typeof(Warning));
        return node;
    }

    private async Task FailAnAppend(WalClient client)
    {
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1 }));
        _files.Faults = call =>
            call.IsSync && call.Path.EndsWith(".log", StringComparison.Ordinal) ? DiskFault.Error : null;
        var failed = await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(new byte[] { 2 }));
        Assert.Equal(FailureKind.OutcomeUnknown, failed.Kind);
    }

    private static Task<WalRequestException> Refusal(TestNode node) => Assert.ThrowsAsync<WalRequestException>(
        () => node.Logs.Client(Log, Short).AppendAsync(new byte[] { 9 }));

    private static async Task AssertRefused(TestNode node)
    {
        var refused = await Refusal(node);
        Assert.Equal(FailureKind.Unavailable, refused.Kind);
        Assert.Contains(DiskFault.Error.Reason, refused.Message, StringComparison.Ordinal);
    }

    // The first question makes the entity ask its manager. The manager has answered that before the second question,
    // and so the entity has the answer before the third.
    private static async Task AskForInfo(TestNode node, Action<LogInfo> assert)
    {
        for (var i = 0; i < 3; i++) assert(await node.Logs.Client(Log, TestCluster.Patience).GetInfoAsync());
    }

    // How often operators were told of a reopening since the last call.
    private int ReopeningCount(TestNode node)
    {
        node.System.EventStream.Publish(new Warning("test", typeof(FailedLogSpec), End));
        for (var count = 0; ;)
        {
            var told = ((Warning)_operators!.Receive(TestCluster.Patience)).Message.ToString()!;
            if (told == End) return count;
            if (told.Contains("is opened again", StringComparison.Ordinal)) count++;
        }
    }
}
