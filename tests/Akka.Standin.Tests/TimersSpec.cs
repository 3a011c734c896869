using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;

namespace Akka.Standin.Tests;

public sealed class TimersSpec : TestKit.Xunit2.TestKit
{
    private static readonly Config StandingTime = ConfigurationFactory.ParseString("""
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        """);

    private readonly TestScheduler _time;

    public TimersSpec()
        : base(StandingTime) => _time = (TestScheduler)Sys.Scheduler;

    [Fact]
    public void A_single_timer_should_fire_once()
    {
        var actor = Start(timers => timers.StartSingleTimer("key", "tick", TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        ExpectNoMsg(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        ExpectMsg("tick");
        Ask(actor, timers => Assert.False(timers.IsTimerActive("key")));
        _time.Advance(TimeSpan.FromSeconds(5));
        Ask(actor, _ => { });
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_periodic_timer_should_fire_until_it_is_cancelled()
    {
        var actor = Start(timers => timers.StartPeriodicTimer("key", "tick", TimeSpan.FromSeconds(1)));
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            ExpectMsg("tick");
        }

        Ask(actor, timers => timers.Cancel("key"));
        _time.Advance(TimeSpan.FromSeconds(5));
        Ask(actor, _ => { });
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void The_message_of_a_cancelled_timer_should_not_arrive_though_it_is_in_the_mailbox()
    {
        var actor = Start(timers => timers.StartSingleTimer("key", "tick", TimeSpan.FromSeconds(1)));
        Ask(actor, timers =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            timers.Cancel("key");
        });
        Ask(actor, _ => { });
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_timer_that_is_started_anew_should_replace_the_old_one()
    {
        var actor = Start(timers => timers.StartSingleTimer("key", "old", TimeSpan.FromSeconds(1)));
        Ask(actor, timers =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            timers.StartSingleTimer("key", "new", TimeSpan.FromSeconds(1));
        });
        _time.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("new");
    }

    [Fact]
    public void A_restart_should_cancel_all_timers()
    {
        var actor = Start(timers => timers.StartPeriodicTimer("key", "tick", TimeSpan.FromSeconds(1)));
        actor.Tell("crash");
        Ask(actor, timers => Assert.Empty(timers.ActiveTimers));
        _time.Advance(TimeSpan.FromSeconds(1));
        Ask(actor, _ => { });
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void The_scheduler_should_tell_in_the_order_of_due_times()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(2), TestActor, "second", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), TestActor, "first", ActorRefs.NoSender);
        var never = Sys.Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromSeconds(1), TestActor, "never", ActorRefs.NoSender);
        never.Cancel();
        _time.Advance(TimeSpan.FromSeconds(2));
        ExpectMsg("first");
        ExpectMsg("second");
    }

    private IActorRef Start(Action<ITimerScheduler> start)
    {
        var actor = Sys.ActorOf(Props.Create(() => new Timed(TestActor)));
        Ask(actor, start);
        return actor;
    }

    private void Ask(IActorRef actor, Action<ITimerScheduler> work)
    {
        var probe = CreateTestProbe();
        actor.Tell(work, probe.Ref);
        probe.ExpectMsg("done");
    }

    private sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef probe)
        {
            Receive<Action<ITimerScheduler>>(work =>
            {
                work(Timers);
                Sender.Tell("done");
            });
            Receive<string>(message => message == "crash", message => throw new InvalidOperationException(message));
            Receive<string>(message => probe.Tell(message));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
