using Akka.Actor;

namespace Akka.Standin.Tests;

public sealed class SupervisionSpec : TestKit.Xunit2.TestKit
{
    public SupervisionSpec()
        : base("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
    {
    }

    [Fact]
    public void A_restart_should_make_a_new_instance_and_keep_the_mailbox()
    {
        var child = ChildOf(new OneForOneStrategy(_ => Directive.Restart));

        child.Tell("count");
        child.Tell(new Crash("boom"));
        child.Tell("count");

        ExpectMsg("pre-start");
        ExpectMsg(1);
        ExpectMsg("pre-restart boom, while handling Crash");
        ExpectMsg("post-stop");
        ExpectMsg("post-restart boom");
        ExpectMsg("pre-start");
        ExpectMsg(1);
    }

    [Fact]
    public void A_resume_should_keep_the_instance()
    {
        var child = ChildOf(new OneForOneStrategy(_ => Directive.Resume));

        child.Tell("count");
        child.Tell(new Crash("boom"));
        child.Tell("count");

        ExpectMsg("pre-start");
        ExpectMsg(1);
        ExpectMsg(2);
    }

    [Fact]
    public void A_stop_should_end_the_child_and_send_its_mail_to_dead_letters()
    {
        var child = ChildOf(new OneForOneStrategy(_ => Directive.Stop));
        ExpectMsg("pre-start");
        Watch(child);
        Sys.EventStream.Subscribe(TestActor, typeof(Event.DeadLetter));

        child.Tell(new Hold());
        child.Tell(new Crash("boom"));
        child.Tell("count");
        ExpectMsg<Hold>().Release.Set();

        ExpectMsg("post-stop");
        Assert.Equal("count", ExpectMsg<Event.DeadLetter>().Message);
        ExpectTerminated(child);
    }

    [Fact]
    public void A_child_should_be_stopped_when_its_restarts_are_used_up()
    {
        var child = ChildOf(new OneForOneStrategy(2, Timeout.Infinite, _ => Directive.Restart));
        ExpectMsg("pre-start");
        Watch(child);

        for (var i = 0; i < 2; i++)
        {
            child.Tell(new Crash("boom"));
            ExpectMsg("pre-restart boom, while handling Crash");
            ExpectMsg("post-stop");
            ExpectMsg("post-restart boom");
            ExpectMsg("pre-start");
        }

        child.Tell(new Crash("boom"));
        ExpectMsg("post-stop");
        ExpectTerminated(child);
    }

    [Fact]
    public void An_escalated_failure_should_restart_the_parent_and_stop_its_children()
    {
        var top = Sys.ActorOf(Props.Create(() => new Supervisor(new OneForOneStrategy(_ => Directive.Restart))));
        top.Tell(Props.Create(() => new Supervisor(new OneForOneStrategy(_ => Directive.Escalate))));
        var middle = ExpectMsg<IActorRef>();
        middle.Tell(Props.Create(() => new Worker(TestActor)));
        var bottom = ExpectMsg<IActorRef>();
        ExpectMsg("pre-start");
        Watch(bottom);

        bottom.Tell(new Crash("boom"));

        ExpectMsg("post-stop");
        ExpectTerminated(bottom);
        middle.Tell("restarts");
        ExpectMsg(1);
        middle.Tell("children");
        ExpectMsg(0);
        top.Tell("restarts");
        ExpectMsg(0);
    }

    [Fact]
    public void The_default_strategy_should_stop_a_child_that_cannot_be_made()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Supervisor(SupervisorStrategy.DefaultStrategy)));
        parent.Tell(Props.Create<Unmakeable>());
        var child = ExpectMsg<IActorRef>();
        Watch(child);
        ExpectTerminated(child);
    }

    [Fact]
    public void A_decider_should_see_the_cause_of_a_failed_start_wrapped()
    {
        var causes = CreateTestProbe();
        var strategy = new OneForOneStrategy(cause =>
        {
            causes.Ref.Tell(cause);
            return Directive.Stop;
        });
        var parent = Sys.ActorOf(Props.Create(() => new Supervisor(strategy)));
        parent.Tell(Props.Create<Unmakeable>());

        var cause = causes.ExpectMsg<ActorInitializationException>();
        Assert.Equal("never", Assert.IsType<NotSupportedException>(Innermost(cause)).Message);
    }

    [Fact]
    public void Kill_should_stop_a_child_by_default_and_poison_should_stop_it_without_a_failure()
    {
        foreach (object end in new object[] { Kill.Instance, PoisonPill.Instance })
        {
            var child = ChildOf(SupervisorStrategy.DefaultStrategy);
            ExpectMsg("pre-start");
            Watch(child);
            child.Tell(end);
            ExpectMsg("post-stop");
            ExpectTerminated(child);
        }
    }

    [Fact]
    public void All_for_one_should_restart_the_siblings_too()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Supervisor(new AllForOneStrategy(_ => Directive.Restart))));
        var probes = new[] { CreateTestProbe(), CreateTestProbe() };
        var children = new List<IActorRef>();
        foreach (var probe in probes)
        {
            parent.Tell(Props.Create(() => new Worker(probe.Ref)));
            children.Add(ExpectMsg<IActorRef>());
            probe.ExpectMsg("pre-start");
        }

        children[0].Tell(new Crash("boom"));

        probes[0].ExpectMsg("pre-restart boom, while handling Crash");
        probes[1].ExpectMsg("pre-restart boom, while handling ");
        foreach (var probe in probes)
        {
            probe.ExpectMsg("post-stop");
            probe.ExpectMsg("post-restart boom");
            probe.ExpectMsg("pre-start");
        }
    }

    [Fact]
    public void A_restart_should_wait_for_the_children_to_stop()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Supervisor(new OneForOneStrategy(_ => Directive.Restart))));
        parent.Tell(Props.Create(() => new Parent(TestActor)));
        var child = ExpectMsg<IActorRef>();
        ExpectMsg("child started");

        child.Tell(new Crash("boom"));

        ExpectMsg("child stopped");
        ExpectMsg("parent restarted");
        ExpectMsg("child started");
    }

    private static Exception Innermost(Exception cause) => cause.InnerException is { } inner ? Innermost(inner) : cause;

    private IActorRef ChildOf(SupervisorStrategy strategy)
    {
        var parent = Sys.ActorOf(Props.Create(() => new Supervisor(strategy)));
        var probe = CreateTestProbe();
        parent.Tell(Props.Create(() => new Worker(TestActor)), probe.Ref);
        return probe.ExpectMsg<IActorRef>();
    }

    private sealed record Crash(string Reason)
    {
        public override string ToString() => "Crash";
    }

    private sealed record Hold
    {
        public ManualResetEventSlim Release { get; } = new();
    }

    private sealed class Supervisor : ReceiveActor
    {
        private readonly SupervisorStrategy _strategy;
        private int _restarts;

        public Supervisor(SupervisorStrategy strategy)
        {
            _strategy = strategy;
            Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));
            Receive<string>(question => Sender.Tell(question == "restarts" ? _restarts : Context.GetChildren().Count()));
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;

        protected override void PostRestart(Exception reason)
        {
            _restarts = 1;
            base.PostRestart(reason);
        }
    }

    private sealed class Worker : ReceiveActor
    {
        private readonly IActorRef _probe;
        private int _count;

        public Worker(IActorRef probe)
        {
            _probe = probe;
            Receive<string>(_ => probe.Tell(++_count));
            Receive<Crash>(crash => throw new InvalidOperationException(crash.Reason));
            Receive<Hold>(hold =>
            {
                probe.Tell(hold);
                hold.Release.Wait(TimeSpan.FromSeconds(10));
            });
        }

        protected override void PreStart() => _probe.Tell("pre-start");

        protected override void PostStop() => _probe.Tell("post-stop");

        protected override void PreRestart(Exception reason, object message)
        {
            _probe.Tell($"pre-restart {reason.Message}, while handling {message}");
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _probe.Tell("post-restart " + reason.Message);
            base.PostRestart(reason);
        }
    }

    private sealed class Unmakeable : ReceiveActor
    {
        public Unmakeable() => throw new NotSupportedException("never");
    }

    private sealed class Parent : ReceiveActor
    {
        private readonly IActorRef _probe;

        public Parent(IActorRef probe)
        {
            _probe = probe;
            Receive<Crash>(crash => throw new InvalidOperationException(crash.Reason));
        }

        protected override void PreStart() => Context.ActorOf(Props.Create(() => new Child(_probe)), "the-only-one");

        protected override void PostRestart(Exception reason)
        {
            _probe.Tell("parent restarted");
            base.PostRestart(reason);
        }
    }

    private sealed class Child : ReceiveActor
    {
        private readonly IActorRef _probe;

        public Child(IActorRef probe) => _probe = probe;

        protected override void PreStart() => _probe.Tell("child started");

        protected override void PostStop() => _probe.Tell("child stopped");
    }
}
