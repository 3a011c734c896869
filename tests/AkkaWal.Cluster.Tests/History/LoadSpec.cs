using System.Threading.Channels;
using Akka.Actor;
using AkkaWal.Cluster.Tests.Nodes;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.History;

/// <summary>What a load waits for: only appends that say something about the time after the call.</summary>
public sealed class LoadSpec : IAsyncLifetime
{
    private readonly ActorSystem _system = ActorSystem.Create("load", "akka { loglevel = OFF, stdout-loglevel = OFF }");
    private readonly Channel<(Append Append, IActorRef Asker)> _appends =
        Channel.CreateUnbounded<(Append, IActorRef)>();
    private readonly Load _load = new(new HistoryChecker());
    private long _next;

    public Task InitializeAsync()
    {
        var log = _system.ActorOf(Props.Create(() => new HeldLog(_appends.Writer)));
        _load.Append(new WalClient(log, TestCluster.Patience), "orders", "a");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        var stopped = _load.Stop();
        while (!stopped.IsCompleted)
        {
            if (_appends.Reader.TryRead(out var held)) Acknowledge(held);
            else await Task.WhenAny(stopped, _appends.Reader.WaitToReadAsync().AsTask());
        }
        await _system.Terminate();
    }

    [Fact]
    public async Task Log_should_have_answered_once_it_has_acknowledged_an_append_that_began_after_the_call()
    {
        Acknowledge(await NextAppend());
        _load.MarkGaps();
        Acknowledge(await NextAppend());
        Acknowledge(await NextAppend());
        var begunBefore = await NextAppend();

        var answered = _load.AllAnswered();
        Assert.False(answered.IsCompleted);
        Acknowledge(begunBefore);
        var begunAfter = await NextAppend();
        Assert.False(answered.IsCompleted);
        Acknowledge(begunAfter);
        await answered;
    }

    [Fact]
    public async Task Progress_should_not_count_what_ended_before_the_call()
    {
        for (var i = 0; i < 3; i++) Acknowledge(await NextAppend());
        var held = await NextAppend();

        var progress = _load.Progress(1);
        Assert.False(progress.IsCompleted);
        Acknowledge(held);
        await progress;
    }

    private async Task<(Append Append, IActorRef Asker)> NextAppend() =>
        await _appends.Reader.ReadAsync().AsTask().WaitAsync(TestCluster.Patience);

    private void Acknowledge((Append Append, IActorRef Asker) held) =>
        held.Asker.Tell(new Appended(_next++, held.Append.RequestId));

    // A log whose requests the spec answers.
    private sealed class HeldLog(ChannelWriter<(Append, IActorRef)> appends) : UntypedActor
    {
        protected override void OnReceive(object message) => appends.TryWrite(((Append)message, Sender));
    }
}
