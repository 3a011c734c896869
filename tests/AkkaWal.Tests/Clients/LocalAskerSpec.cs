using System.Collections.Concurrent;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Routes;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Clients;

/// <summary>Requests of a client to a log of its own process, which do not go through Akka.NET's <c>Ask</c>.</summary>
public sealed class LocalAskerSpec : LogSpec
{
    private static readonly byte[] Payload = [1];

    private readonly CancellationTokenSource _stop = new();

    protected override void AfterAll()
    {
        _stop.Dispose();
        base.AfterAll();
    }

    [Fact]
    public void Only_requests_that_stay_in_the_process_should_be_asked_so()
    {
        var log = StartLog();
        Assert.True(LocalAsker.CanAsk(log, new Append(Payload)));
        Assert.True(LocalAsker.CanAsk(log, new AppendBatch([Payload])));
        Assert.True(LocalAsker.CanAsk(log, new Read(0)));
        Assert.False(LocalAsker.CanAsk(log, new SyncLog()));
        Assert.False(LocalAsker.CanAsk(CreateTestProbe().Ref, new Append(Payload)));
        Assert.False(LocalAsker.CanAsk(Sys.ActorSelection(log.Path), new Append(Payload)));
    }

    [Fact]
    public async Task Append_without_a_reply_in_time_should_be_called_unknown()
    {
        using var scenario = WalScenario.Start(Sys);
        using var gate = scenario.HoldSyncs();
        var client = new WalClient(scenario.Log, TimeSpan.FromMilliseconds(1));
        var failure = await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(Payload));
        Assert.Equal(FailureKind.OutcomeUnknown, failure.Kind);
    }

    [Fact]
    public async Task Append_behind_answered_ones_should_be_called_unknown_in_its_turn()
    {
        using var scenario = WalScenario.Start(Sys);
        var client = new WalClient(scenario.Log, TimeSpan.FromMilliseconds(500));
        // Its time begins now, and the timer is set to its end.
        Assert.Equal(0, await client.AppendAsync(Payload));
        using var gate = scenario.HoldSyncs();
        Task[] appends = [client.AppendAsync(Payload), client.AppendAsync(Payload)];
        foreach (var append in appends)
        {
            var failure = await Assert.ThrowsAsync<WalRequestException>(() => append.WaitAsync(Patience));
            Assert.Equal(FailureKind.OutcomeUnknown, failure.Kind);
        }
    }

    [Fact]
    public async Task Append_of_a_caller_that_blocks_its_thread_should_not_hold_up_others()
    {
        using var scenario = WalScenario.Start(Sys);
        using var gate = scenario.HoldSyncs();
        using var isFree = new ManualResetEventSlim();
        var blocked = BlockAfter(scenario.Client.AppendAsync(Payload));
        var others = Enumerable.Range(0, 100).Select(_ => scenario.Client.AppendAsync(Payload)).ToList();
        gate.Dispose();
        await Task.WhenAll(others).WaitAsync(Patience);
        isFree.Set();
        await blocked.WaitAsync(Patience);

        async Task BlockAfter(Task append)
        {
            await append.ConfigureAwait(false);
            isFree.Wait();
        }
    }

    [Fact]
    public async Task Append_whose_wait_is_cancelled_should_say_that_it_may_have_happened()
    {
        using var scenario = WalScenario.Start(Sys);
        using var gate = scenario.HoldSyncs();
        var append = scenario.Client.AppendAsync(Payload, cancellation: _stop.Token);
        await gate.Reached.WaitAsync(Patience);
        await _stop.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        Assert.Contains("may have happened", cancelled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_should_ask_so_and_return_the_first_reply()
    {
        var senders = new ConcurrentQueue<IActorRef>();
        var log = Sys.ActorOf(Props.Create<TalkativeLog>(senders).WithDeploy(Deploy.Local));
        var client = new WalClient(log, Patience);
        Assert.Equal(1, await client.AppendAsync(Payload));
        Assert.Equal(1, await client.AppendAsync(Payload));
        await client.SyncAsync();
        var asked = senders.ToList();
        Assert.Equal([true, true, false], asked.Select(sender => sender is LocalAsker));
        // They are one asker to the log, and each gets its own reply.
        Assert.Equal(asked[0].Path, asked[1].Path);
        Assert.NotSame(asked[0], asked[1]);
    }

    /// <summary>Sends more than the one reply, and something that is none.</summary>
    private sealed class TalkativeLog : ReceiveActor, ILocalLog
    {
        public TalkativeLog(ConcurrentQueue<IActorRef> senders)
        {
            Receive<Append>(append =>
            {
                senders.Enqueue(Sender);
                Sender.Tell("no reply");
                Sender.Tell(new Appended(1, append.RequestId));
                Sender.Tell(new Appended(2, append.RequestId));
            });
            Receive<SyncLog>(sync =>
            {
                senders.Enqueue(Sender);
                Sender.Tell(new LogSynced(2, sync.RequestId));
            });
        }
    }
}
