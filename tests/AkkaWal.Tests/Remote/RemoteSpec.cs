using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;
using AkkaWal.Tests.House;

namespace AkkaWal.Tests.Remote;

/// <summary>A log that is used from another node: no message is dropped without a reply.</summary>
public sealed class RemoteSpec : IAsyncLifetime
{
    private const string Directory = "/log";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly WalOptions OneRecordASegment = new() { MaxSegmentBytes = 1 };

    private readonly SimulatedDisk _disk = new();
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var system in _systems) await system.Terminate();
    }

    [Fact]
    public async Task Everything_that_the_worked_example_allows_should_travel()
    {
        var config = ConfigurationFactory.ParseString(
            File.ReadAllText(Path.Combine(Checkout.Root, "hocon", "cluster.conf")));
        var client = await ClientOf(config);
        var options = WalSettings.FromConfig(config.WithFallback(WalSettings.ReferenceConfig)).Options;
        Assert.Equal(0, await client.AppendAsync(new byte[options.MaxPayloadBytes]));
        Assert.Equal(options.MaxPayloadBytes, (await client.ReadAsync(0)).Length);

        // Batches of the largest commit's size: one with few records and one with many.
        var large = new byte[options.MaxCommitBytes / 8 - Frame.HeaderBytes];
        var few = Enumerable.Repeat<ReadOnlyMemory<byte>>(large, 8).ToList();
        Assert.Equal(1, await client.AppendBatchAsync(few));
        var many = Enumerable
            .Repeat<ReadOnlyMemory<byte>>(ReadOnlyMemory<byte>.Empty, options.MaxCommitBytes / Frame.HeaderBytes)
            .ToList();
        Assert.Equal(9, await client.AppendBatchAsync(many));

        Assert.NotEmpty((await client.ReadBatchAsync(0)).Payloads);
        Assert.NotEmpty((await client.ReadBatchAsync(1, int.MaxValue, int.MaxValue)).Payloads);
        Assert.Equal(9 + many.Count, await client.ScanAsync(0).CountAsync());
    }

    [Fact]
    public async Task Batches_should_be_read_in_parts_that_fit_into_the_frames_of_the_defaults()
    {
        var client = await ClientOf(Config.Empty);
        var payloads = Enumerable.Range(0, 100)
            .Select(i => (ReadOnlyMemory<byte>)Enumerable.Repeat((byte)i, 1024).ToArray()).ToList();
        for (var i = 0; i < 10; i++) Assert.Equal(100 * i, await client.AppendBatchAsync(payloads));

        Assert.InRange((await client.ReadBatchAsync(0)).Payloads.Count, 50, 200);
        var offset = 0;
        await foreach (var (at, payload) in client.ScanAsync(0))
        {
            Assert.Equal((offset, 1024), (at, payload.Length));
            Assert.Equal(offset % 100, payload.Span[0]);
            offset++;
        }
        Assert.Equal(1000, offset);
    }

    [Fact]
    public async Task Follower_on_another_node_should_get_what_is_there_and_then_what_comes()
    {
        var small = ConfigurationFactory.ParseString("akka-wal.max-segment-bytes = 20000b");
        var log = StartLog(small);
        var local = new WalClient(log, Patience);
        var remote = await ClientOf(log, small);
        var payloads = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1000], 10).ToList();
        for (var i = 0; i < 30; i++) await local.AppendBatchAsync(payloads);
        await using var reader = remote.FollowAsync(0).GetAsyncEnumerator();
        var offset = 0;
        for (; offset < 300; offset++) await ExpectNext();
        for (var i = 0; i < 50; i++, offset++)
        {
            var next = ExpectNext();
            Assert.Equal(offset, await remote.AppendAsync(new byte[1000], expectedOffset: offset));
            await next;
        }
        Assert.True((await remote.GetSegmentsAsync()).Count > 10);
        var refusal = await Assert.ThrowsAsync<WalRequestException>(() => remote.AppendAsync(new byte[1], 7));
        Assert.Equal((FailureKind.Precondition, 350), (refusal.Kind, refusal.NextOffset));
        Assert.Equal(350, await remote.ScanAsync(0).CountAsync());

        async Task ExpectNext()
        {
            var expected = offset;
            Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(Patience));
            Assert.Equal((expected, 1000), (reader.Current.Offset, reader.Current.Payload.Length));
        }
    }

    [Fact]
    public async Task What_does_not_fit_into_a_frame_should_be_refused_as_invalid_with_the_limit()
    {
        var log = StartLog(Config.Empty);
        // What Akka's default frame of 128,000 bytes leaves for a reply and a request, and an append's id and length.
        const int Limit = 123_904, RequestLimit = Limit - 64, AppendBytes = 8 + 4;
        Assert.Equal(0, await new WalClient(log, Patience).AppendAsync(new byte[Limit + 1]));
        var client = await ClientOf(log, Config.Empty);

        var batch = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1000], Limit / 1000 + 1).ToList();
        foreach (var (request, limit) in new (Func<Task>, int)[]
        {
            (() => client.AppendBatchAsync(batch), RequestLimit),
            (() => client.AppendAsync(new byte[RequestLimit - AppendBytes + 1]), RequestLimit),
            (() => client.ReadAsync(0), Limit),
            (() => client.ReadBatchAsync(0), Limit),
        })
        {
            var refusal = await Assert.ThrowsAsync<WalRequestException>(request);
            Assert.Equal(FailureKind.Invalid, refusal.Kind);
            Assert.Contains($"{limit}", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("maximum-frame-size", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await client.AppendAsync(new byte[RequestLimit - AppendBytes]));
        Assert.Equal(2, (await client.GetInfoAsync()).EntryCount);
    }

    [Fact]
    public async Task Long_list_of_segments_should_come_in_parts()
    {
        const int Segments = 400;
        using (var log = SegmentedLog.Open(Directory, OneRecordASegment, _disk))
            for (var i = 0; i < Segments; i++)
            {
                log.Append([1]);
                log.Commit();
            }
        var small = ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp.maximum-frame-size = 32000b");
        var client = await ClientOf(small);

        var first = await client.Ask<SegmentList>(new GetSegments());
        Assert.InRange(first.Segments.Count, 100, Segments - 1);
        Assert.Equal(first.Segments.Count, first.ContinueAt);
        var all = await client.GetSegmentsAsync();
        Assert.Equal(Enumerable.Range(0, Segments).Select(i => (long)i), all.Select(segment => segment.StartOffset));
        Assert.Equal(
            [7, 8],
            (await client.Ask<SegmentList>(new GetSegments { FromOffset = 7, MaxCount = 2 })).Segments
                .Select(s => s.StartOffset));
        var refusal = await Assert.ThrowsAsync<WalRequestException>(
            () => client.Ask<SegmentList>(new GetSegments { MaxCount = 0 }));
        Assert.Equal(FailureKind.Invalid, refusal.Kind);
    }

    [Theory]
    [InlineData("cluster.conf")]
    [InlineData("defaults")]
    public async Task List_of_twenty_thousand_segments_should_come_whole(string frames)
    {
        const int Segments = 20_000;
        using (var log = SegmentedLog.Open(Directory, OneRecordASegment, _disk))
            for (var i = 0; i < Segments; i++)
            {
                log.Append([1]);
                log.Commit();
            }
        var client = await ClientOf(frames == "defaults" ? Config.Empty : ConfigurationFactory.ParseString(
            File.ReadAllText(Path.Combine(Checkout.Root, "hocon", frames))));
        var all = await client.GetSegmentsAsync();
        Assert.Equal(Enumerable.Range(0, Segments).Select(i => (long)i), all.Select(segment => segment.StartOffset));
        Assert.Equal(Segments, (await client.GetInfoAsync()).EntryCount);
    }

    [Fact]
    public async Task Subscriber_should_be_on_its_own_node_and_the_log_may_be_on_another()
    {
        var log = StartLog(Config.Empty);
        var path = log.Path.ToStringWithAddress(((ExtendedActorSystem)_systems[0]).Provider.DefaultAddress);
        var elsewhere = StartSystem("elsewhere", Config.Empty);
        await new WalClient(log, Patience).AppendBatchAsync(
            [.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1000], 300)]);
        using var inbox = Inbox.Create(elsewhere);
        inbox.Send(Wal.Get(elsewhere).Subscriptions, new Subscribe(path, 0, 1) { Floor = "me" });
        Assert.Equal(new Subscribed(0, 1), await inbox.ReceiveAsync(Patience));
        var subscription = await elsewhere.ActorSelection("/system/akka-wal-subscriptions/$a").ResolveOne(Patience);
        inbox.Send(subscription, new RequestRecords(300));
        for (var next = 0L; next < 300;)
        {
            var told = Assert.IsType<RecordsDelivered>(await inbox.ReceiveAsync(Patience));
            Assert.Equal(next, told.FirstOffset);
            next = told.NextOffset;
        }

        var subscriptions = ((ExtendedActorSystem)elsewhere).Provider.DefaultAddress
            + Wal.Get(elsewhere).Subscriptions.Path.ToStringWithoutAddress();
        var refusal = await _systems[0].ActorSelection(subscriptions).Ask<RequestFailed>(
            new Subscribe(path, 0), Patience);
        Assert.Equal(FailureKind.Invalid, refusal.Kind);
        Assert.Contains("on its subscriber's node", refusal.Reason, StringComparison.Ordinal);
    }

    private async Task<WalClient> ClientOf(Config config) => await ClientOf(StartLog(config), config);

    private async Task<WalClient> ClientOf(IActorRef log, Config config)
    {
        var path = log.Path.ToStringWithAddress(((ExtendedActorSystem)_systems[0]).Provider.DefaultAddress);
        return new WalClient(
            await StartSystem("elsewhere", config).ActorSelection(path).ResolveOne(Patience), Patience);
    }

    private IActorRef StartLog(Config config)
    {
        var system = StartSystem("log", config);
        var settings = WalSettings.FromConfig(system.Settings.Config) with { Directory = Directory };
        return system.ActorOf(LogManager.Props(system, settings, _disk), "wal");
    }

    private ActorSystem StartSystem(string name, Config config)
    {
        var remoting = ConfigurationFactory.ParseString(
            """
            akka.actor.provider = remote
            akka.actor.serialization-settings.allow-unregistered-types = false
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            """);
        var system = ActorSystem.Create(name, remoting.WithFallback(config).WithFallback(WalSettings.ReferenceConfig));
        _systems.Add(system);
        return system;
    }
}
