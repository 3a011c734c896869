using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Configuration;

namespace AkkaWal.Tests.Configuration;

/// <summary>
/// The dispatchers of a log run its mailboxes on the runtime's pool, on a limited number of its threads. One run of a
/// mailbox handles many messages.
/// </summary>
public sealed class PoolDispatcherSpec : ActorSpec
{
    private const int Messages = 100;

    // With one thread, code that runs between two messages of an actor is another actor's.
    private static readonly Config OneThread = ConfigurationFactory.ParseString("""
        one-thread {
          type = ForkJoinDispatcher
          throughput = 256
          dedicated-thread-pool { thread-count = 1, threadtype = background }
        }
        """);

    public PoolDispatcherSpec() : base(OneThread)
    {
    }

    [Theory]
    [InlineData("manager", 1024)]
    [InlineData("commit", 256)]
    [InlineData("read", 256)]
    [InlineData("archive", 256)]
    public void Dispatcher_should_take_many_messages_a_run(string name, int throughput)
    {
        var dispatcher = Sys.Dispatchers.Lookup($"akka-wal.{name}-dispatcher");
        Assert.Equal(throughput, dispatcher.Throughput);
        Assert.Equal(0, dispatcher.ThroughputDeadlineTime ?? 0);
    }

    [Fact]
    public void Run_without_deadline_should_take_all_that_has_come()
    {
        List<string> order = [];
        using var gate = new ManualResetEventSlim();
        var done = CreateTestProbe();
        var props = Props.Create(() => new Recorder(order, gate, done.Ref)).WithDeploy(Deploy.Local)
            .WithDispatcher("one-thread");
        var (busy, other) = (Sys.ActorOf(props), Sys.ActorOf(props));
        for (var i = 0; i < Messages; i++) busy.Tell("busy");
        other.Tell("other");
        gate.Set();
        for (var i = 0; i <= Messages; i++) done.ExpectMsg<string>(RemainingOrDefault);
        Assert.Equal(Enumerable.Repeat("busy", Messages).Append("other"), order);
    }

    [Fact]
    public async Task Global_queue_should_run_mailboxes_on_the_runtimes_pool()
    {
        var dispatcher = Sys.Dispatchers.Lookup("akka-wal.manager-dispatcher");
        Assert.IsType<PoolDispatcherConfigurator>(dispatcher.Configurator);
        var actor = Sys.ActorOf(Props.Create<WhereItRuns>().WithDispatcher(dispatcher.Id));
        Assert.True(await actor.Ask<bool>("where", RemainingOrDefault));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("global")]
    public void Dispatcher_should_run_as_many_mailboxes_at_a_time_as_its_limit(string queue)
    {
        const int Limit = 2, Runs = 10;
        var config = ConfigurationFactory.ParseString($"queue = {queue}, max-threads = {Limit}, throughput = 1");
        var dispatcher = new PoolDispatcherConfigurator(config, Sys.Dispatchers.Prerequisites).Dispatcher();
        using var entered = new SemaphoreSlim(0);
        using var gate = new SemaphoreSlim(0);
        using var ended = new CountdownEvent(Runs);
        int running = 0, most = 0;
        for (var i = 0; i < Runs; i++) dispatcher.Schedule(Block);
        for (var i = 0; i < Limit; i++) Assert.True(entered.Wait(RemainingOrDefault));
        for (var i = Limit; i < Runs; i++)
        {
            gate.Release();
            Assert.True(entered.Wait(RemainingOrDefault));
        }
        gate.Release(Limit);
        Assert.True(ended.Wait(RemainingOrDefault));
        Assert.Equal(Limit, most);

        void Block()
        {
            var now = Interlocked.Increment(ref running);
            for (var seen = most; now > seen; seen = most) Interlocked.CompareExchange(ref most, now, seen);
            entered.Release();
            gate.Wait();
            Interlocked.Decrement(ref running);
            ended.Signal();
        }
    }

    [Theory]
    [InlineData("queue = lokal, max-threads = 2", "queue must be local or global, not 'lokal'")]
    [InlineData("queue = local, max-threads = 0", "max-threads must be at least 1, not 0")]
    public void Configuration_that_is_not_legal_should_be_refused(string text, string reason)
    {
        var config = ConfigurationFactory.ParseString($"{text}, throughput = 1");
        var failure = Assert.Throws<ConfigurationException>(
            () => new PoolDispatcherConfigurator(config, Sys.Dispatchers.Prerequisites));
        Assert.Equal(reason, failure.Message);
    }

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(List<string> order, ManualResetEventSlim gate, IActorRef done) => Receive<string>(name =>
        {
            gate.Wait();
            order.Add(name);
            done.Tell(name);
        });
    }

    private sealed class WhereItRuns : ReceiveActor
    {
        public WhereItRuns() => ReceiveAny(_ => Sender.Tell(Thread.CurrentThread.IsThreadPoolThread));
    }
}
