using Akka.Actor;
using Akka.Configuration;

namespace Akka.Standin.Tests;

public sealed class CoordinatedShutdownSpec
{
    private static readonly Config Quiet = "akka.loglevel = OFF, akka.stdout-loglevel = OFF";

    [Fact]
    public async Task Phases_should_run_in_order_and_end_with_the_system()
    {
        var system = ActorSystem.Create("phases", Quiet);
        var order = new System.Collections.Concurrent.ConcurrentQueue<string>();
        foreach (var phase in new[]
        {
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
            CoordinatedShutdown.PhaseServiceStop,
            CoordinatedShutdown.PhaseBeforeServiceUnbind,
            CoordinatedShutdown.PhaseServiceUnbind,
        })
        {
            Add(system, phase, () => order.Enqueue(phase));
        }

        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(
            [
                CoordinatedShutdown.PhaseBeforeServiceUnbind,
                CoordinatedShutdown.PhaseServiceUnbind,
                CoordinatedShutdown.PhaseServiceStop,
                CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
            ],
            order);
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Same(CoordinatedShutdown.UnknownReason.Instance, CoordinatedShutdown.Get(system).ShutdownReason);
    }

    [Fact]
    public async Task Terminate_should_run_it_and_actors_should_still_live_in_the_phases_before()
    {
        var system = ActorSystem.Create("terminate", Quiet);
        var actor = system.ActorOf(Props.Create<Echo>());
        string? answer = null;
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "ask", async () =>
        {
            answer = await actor.Ask<string>("still here", TimeSpan.FromSeconds(3));
            return Done.Instance;
        });

        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("still here", answer);
    }

    [Fact]
    public async Task It_should_run_once_and_go_on_where_a_task_fails()
    {
        var system = ActorSystem.Create("once", Quiet);
        var shutdown = CoordinatedShutdown.Get(system);
        var runs = 0;
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails", () => throw new InvalidOperationException("at once"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails later", () => Task.FromException<Done>(new InvalidOperationException("later")));
        Add(system, CoordinatedShutdown.PhaseServiceStop, () => Interlocked.Increment(ref runs));

        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(TimeSpan.FromSeconds(10));
        await shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_phase_should_take_no_longer_than_its_time_out()
    {
        var system = ActorSystem.Create("late", "akka.coordinated-shutdown.phases.service-stop.timeout = 50ms, akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        var never = new TaskCompletionSource<Done>();
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "never ends", () => never.Task);
        Assert.Equal(TimeSpan.FromMilliseconds(50), CoordinatedShutdown.Get(system).Timeout(CoordinatedShutdown.PhaseServiceStop));

        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_phase_that_is_not_configured_should_be_refused()
    {
        var system = ActorSystem.Create("unknown", Quiet);
        Assert.Throws<ConfigurationException>(() => Add(system, "no-such-phase", () => { }));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Termination_callbacks_should_run_before_the_system_counts_as_terminated()
    {
        var system = ActorSystem.Create("callbacks", Quiet);
        var ran = false;
        system.RegisterOnTermination(() => ran = true);
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
        await system.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(ran);
    }

    private static void Add(ActorSystem system, string phase, Action work) => CoordinatedShutdown.Get(system).AddTask(phase, "task", () =>
    {
        work();
        return Task.FromResult(Done.Instance);
    });

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
