using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using AkkaWal.Protocol;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Remote;

/// <summary>
/// A log that is used from another node while the connection breaks, or the log's node ends: each request gets its
/// answer or the client's error, none hangs, and afterwards clients, followers and subscribers go on.
/// </summary>
public sealed class BrokenConnectionSpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What was lost is asked for again when this has passed.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly SimulatedDisk _disk = new();
    private readonly TcpProxy _toLog = new(), _toClient = new();
    private readonly List<ActorSystem> _systems = [];
    private ActorSystem _logNode = null!, _clientNode = null!;
    private WalClient _local = null!, _remote = null!;

    public Task InitializeAsync()
    {
        StartLogNode();
        _clientNode = StartNode("clients", _toClient);
        _remote = Wal.Get(_clientNode).Client(LogPath, Timeout);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var system in _systems) await system.Terminate();
        _toLog.Dispose();
        _toClient.Dispose();
    }

    private string LogPath => $"akka.tcp://logs@127.0.0.1:{_toLog.Port}{Wal.PathOf("orders")}";

    [Fact]
    public async Task Appends_whose_replies_are_lost_should_be_unknown_and_be_in_the_log()
    {
        const int Count = 20;
        Assert.Equal(0, await _remote.AppendAsync(new byte[1]));
        var gate = _disk.Hold(DiskOperationKind.Sync, ".log");
        var appends = Enumerable.Range(0, Count).Select(_ => _remote.AppendAsync(new byte[1])).ToList();
        await gate.Reached.WaitAsync(Patience);
        // The manager answers this itself: it has taken all appends by then.
        await Assert.ThrowsAsync<WalRequestException>(() => _remote.Ask<SegmentLimitSet>(new SetSegmentLimit(0)));
        _toLog.Hold();
        _toClient.Hold();
        gate.Open();
        await _local.SyncAsync();
        Break();
        foreach (var append in appends)
        {
            var failure = await Assert.ThrowsAsync<WalRequestException>(() => append).WaitAsync(Patience);
            Assert.Equal((FailureKind.OutcomeUnknown, LogPath), (failure.Kind, failure.Log));
        }
        Mend();
        // The same client goes on.
        await AwaitMended();
        Assert.Equal(Count + 1, await _remote.AppendAsync(new byte[1]));
    }

    [Fact]
    public async Task Every_append_should_end_while_the_connection_breaks_again_and_again()
    {
        var hasty = Wal.Get(_clientNode).Client(LogPath, TimeSpan.FromSeconds(1));
        var acknowledged = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            var appends = Enumerable.Range(0, 50).Select(_ => hasty.AppendAsync(new byte[1])).ToList();
            await Task.WhenAny(appends[round * 10]);
            Break();
            Mend();
            foreach (var append in appends)
            {
                try
                {
                    acknowledged.Add(await append.WaitAsync(Patience));
                }
                catch (WalRequestException e)
                {
                    Assert.Contains(e.Kind, new[] { FailureKind.OutcomeUnknown, FailureKind.Unavailable });
                }
            }
            await AwaitMended();
        }
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.InRange(acknowledged.Max(), 0, (await _local.GetInfoAsync()).NextOffset - 1);
    }

    [Fact]
    public async Task Follower_and_subscriber_should_go_on_when_the_connection_is_there_again()
    {
        var reader = _remote.FollowAsync(0).GetAsyncEnumerator();
        var subscriber = Subscriber();
        await _local.AppendAsync(new byte[1]);
        await ExpectNext(reader, subscriber, 0);
        var next = reader.MoveNextAsync().AsTask();
        Break();
        await _local.AppendAsync(new byte[1]);
        Mend();
        Assert.True(await next.WaitAsync(Patience));
        Assert.Equal(1, reader.Current.Offset);
        Assert.Equal(1, (await subscriber.Next()).FirstOffset);
        for (var i = 2; i < 5; i++)
        {
            await _local.AppendAsync(new byte[1]);
            await ExpectNext(reader, subscriber, i);
        }
    }

    [Fact]
    public async Task All_should_go_on_when_the_logs_node_was_given_up_and_is_started_again()
    {
        var reader = _remote.FollowAsync(0).GetAsyncEnumerator();
        var subscriber = Subscriber();
        await _local.AppendAsync(new byte[1]);
        await ExpectNext(reader, subscriber, 0);
        var next = reader.MoveNextAsync().AsTask();
        // Nothing is ever sent to this node again, nor taken from it.
        var uid = AddressUidExtension.Uid(_logNode);
        var remoting = (IRemoteActorRefProvider)((ExtendedActorSystem)_clientNode).Provider;
        remoting.Quarantine(Address.Parse($"akka.tcp://logs@127.0.0.1:{_toLog.Port}"), uid);
        var failure = await Assert.ThrowsAsync<WalRequestException>(
            () => Wal.Get(_clientNode).Client(LogPath, TimeSpan.FromMilliseconds(200)).GetInfoAsync());
        Assert.Equal(FailureKind.Unavailable, failure.Kind);
        Assert.Contains("the connection to its node is broken", failure.Message, StringComparison.Ordinal);

        await _logNode.Terminate();
        StartLogNode();
        Assert.Equal(1, await _local.AppendAsync(new byte[1]));
        Assert.True(await next.WaitAsync(Patience));
        Assert.Equal(1, reader.Current.Offset);
        Assert.Equal(1, (await subscriber.Next()).FirstOffset);
        await AwaitMended();
        Assert.Equal(2, await _remote.AppendAsync(new byte[1]));
    }

    private static async Task ExpectNext(IAsyncEnumerator<WalRecord> reader, Inbox subscriber, long offset)
    {
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(offset, reader.Current.Offset);
        Assert.Equal(offset, (await subscriber.Next()).FirstOffset);
    }

    // The way is not used again at once, and a request that meets the break is lost.
    private Task<LogInfo> AwaitMended() =>
        new RetryingClient(Wal.Get(_clientNode).Client(LogPath, TimeSpan.FromSeconds(20)))
            .Ask<LogInfo>(new GetLogInfo(), CancellationToken.None);

    private void Break()
    {
        _toLog.Break();
        _toClient.Break();
    }

    private void Mend()
    {
        _toLog.Mend();
        _toClient.Mend();
    }

    private Inbox Subscriber()
    {
        var inbox = new Inbox();
        _clientNode.ActorOf(Props.Create<Listener>(inbox, LogPath).WithDeploy(Deploy.Local));
        return inbox;
    }

    private void StartLogNode()
    {
        _logNode = StartNode("logs", _toLog);
        Wal.Get(_logNode).Open("orders", new WalSettings { Directory = "/log" }, _disk);
        _local = Wal.Get(_logNode).Client("orders", Patience);
    }

    private ActorSystem StartNode(string name, TcpProxy proxy)
    {
        var config = ConfigurationFactory.ParseString(
            $$"""
            akka.actor.provider = remote
            akka.loglevel = WARNING
            akka.remote.retry-gate-closed-for = 50 ms
            akka.remote.dot-netty.tcp {
              hostname = "127.0.0.1"
              port = {{proxy.TargetPort}}
              public-port = {{proxy.Port}}
            }
            """);
        var system = ActorSystem.Create(name, config.WithFallback(WalSettings.ReferenceConfig));
        _systems.Add(system);
        return system;
    }

    /// <summary>What a subscriber was told.</summary>
    private sealed class Inbox
    {
        private readonly System.Threading.Channels.Channel<RecordsDelivered> _records =
            System.Threading.Channels.Channel.CreateUnbounded<RecordsDelivered>();

        internal void Add(RecordsDelivered records) => _records.Writer.TryWrite(records);

        internal void End(string reason) => _records.Writer.TryComplete(new InvalidOperationException(reason));

        internal async Task<RecordsDelivered> Next() => await _records.Reader.ReadAsync().AsTask().WaitAsync(Patience);
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(Inbox inbox, string log)
        {
            Wal.Get(Context.System).Subscriptions.Tell(new Subscribe(log, 0) { Timeout = Timeout }, Self);
            Receive<Subscribed>(_ => Sender.Tell(new RequestRecords(1000)));
            Receive<RecordsDelivered>(inbox.Add);
            Receive<SubscriptionEnded>(end => inbox.End(end.Reason));
            Receive<RequestFailed>(refused => inbox.End(refused.Reason));
        }
    }
}
