using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaWal.Cluster.Client;
using AkkaWal.Cluster.Naming;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.Requests;

/// <summary>What a client sends to a region for a wait.</summary>
public sealed class ShardedRouteSpec : IAsyncLifetime
{
    private readonly ActorSystem _system =
        ActorSystem.Create("route", "akka { loglevel = OFF, stdout-loglevel = OFF }");
    private readonly Channel<(LogRequest Request, IActorRef Asker)> _sent =
        Channel.CreateUnbounded<(LogRequest, IActorRef)>();
    private readonly NodeRemovals _removals = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task Wait_whose_message_was_lost_should_be_sent_again_after_the_time_of_a_try()
    {
        var tryTimeout = TimeSpan.FromMilliseconds(100);
        var request = new AwaitRecord(3, 7) { MaxWait = AwaitRecord.LongestWait };
        var wait = Client(tryTimeout).Ask<RecordAwaited>(request);
        var lost = Assert.IsType<AwaitRecord>((await Next()).Request);
        Assert.Equal(tryTimeout, lost.MaxWait);
        var (again, asker) = await Next();
        Assert.Equal(lost, again);
        asker.Tell(new RecordAwaited(4, 7));
        Assert.Equal(4, (await wait).NextOffset);
    }

    [Fact]
    public async Task Wait_that_is_cancelled_should_leave_the_log_at_once()
    {
        using var cancellation = new CancellationTokenSource();
        var wait = Client(TestCluster.Patience).Ask<RecordAwaited>(new AwaitRecord(3, 7), cancellation.Token);
        var asker = (await Next()).Asker;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        var (cancel, canceller) = await Next();
        Assert.Equal(7, Assert.IsType<CancelWait>(cancel).WaitId);
        // The log knows a wait by its asker.
        Assert.Equal(asker, canceller);
    }

    [Fact]
    public async Task Request_without_a_reply_should_be_sent_again_at_once_when_a_node_was_removed()
    {
        var client = Client(TestCluster.Patience);
        var append = client.AppendAsync(new byte[1], expectedOffset: 3);
        var lost = (Append)(await Next()).Request;
        _removals.Tell();
        var (again, asker) = await Next();
        Assert.Equal(lost, again);
        asker.Tell(new Appended(3, again.RequestId));
        Assert.Equal(3, await append);

        var wait = client.Ask<RecordAwaited>(new AwaitRecord(4, 7));
        await Next();
        _removals.Tell();
        Assert.IsType<CancelWait>((await Next()).Request);
        (again, asker) = await Next();
        asker.Tell(new RecordAwaited(5, again.RequestId));
        Assert.Equal(5, (await wait).NextOffset);
    }

    [Fact]
    public async Task Append_of_which_an_earlier_try_may_still_happen_should_not_be_refused_as_too_early()
    {
        var append = Client(TestCluster.Patience).AppendAsync(new byte[1], expectedOffset: 3);
        await Next();
        _removals.Tell();
        var (again, asker) = await Next();
        asker.Tell(new RequestFailed(FailureKind.Precondition, "ends at 2", again.RequestId) { NextOffset = 2 });
        (again, asker) = await Next();
        asker.Tell(new Appended(3, again.RequestId));
        Assert.Equal(3, await append);
    }

    [Fact]
    public async Task Append_to_any_offset_should_not_be_sent_again_when_a_node_was_removed()
    {
        var client = Client(TestCluster.Patience);
        var append = client.AppendAsync(new byte[1]);
        var (request, asker) = await Next();
        _removals.Tell();
        // A later request comes next: the append was not sent again.
        var other = client.GetInfoAsync();
        Assert.IsType<GetLogInfo>((await Next()).Request);
        asker.Tell(new Appended(3, request.RequestId));
        Assert.Equal(3, await append);
        Assert.False(other.IsCompleted);
    }

    [Fact]
    public async Task Refused_append_should_not_be_sent_again_when_there_is_no_time_for_a_reply()
    {
        // The pauses are 20 ms, 40 ms ... 160 ms and then 320 ms. So the sixth try would come 45 ms before the end.
        const int answered = 5;
        var append = Client(TestCluster.Patience, TimeSpan.FromMilliseconds(300 + 320 + 45)).AppendAsync(new byte[1]);
        for (var i = 0; i < answered && await TryNext(append) is var (request, asker); i++)
            asker.Tell(new RequestFailed(FailureKind.Unavailable, "not now", request.RequestId));
        var refused = await Assert.ThrowsAsync<WalRequestException>(() => append);
        Assert.Equal(FailureKind.Unavailable, refused.Kind);
    }

    private WalClient Client(TimeSpan tryTimeout, TimeSpan? timeout = null)
    {
        var longest = timeout ?? TestCluster.Patience;
        return new ShardedWal(
            "logs", _system.ActorOf(Props.Create(() => new SilentRegion(_sent.Writer))), null!, new LogExtractor(20),
            null, new RegionMetrics("logs"), new ShardedWal.ClientLimits(longest, tryTimeout, null), _removals,
            root: null)
            .Client("orders");
    }

    // The next request; null if the caller has its reply.
    private async Task<(LogRequest Request, IActorRef Asker)?> TryNext(Task caller)
    {
        var next = _sent.Reader.ReadAsync().AsTask();
        return await Task.WhenAny(next, caller) == next ? await next : null;
    }

    private async Task<(LogRequest Request, IActorRef Asker)> Next() =>
        await _sent.Reader.ReadAsync().AsTask().WaitAsync(TestCluster.Patience);

    // A region that sends no reply by itself.
    private sealed class SilentRegion(ChannelWriter<(LogRequest, IActorRef)> sent) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            var sharded = (ShardedRequest)((ShardingEnvelope)message).Message;
            sent.TryWrite((sharded.Request, Sender));
        }
    }
}
