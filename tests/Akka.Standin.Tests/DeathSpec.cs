using Akka.Actor;
using Akka.Event;

namespace Akka.Standin.Tests;

public sealed class DeathSpec : TestKit.Xunit2.TestKit
{
    public DeathSpec()
        : base("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
    {
    }

    [Fact]
    public void A_watcher_should_be_told_when_the_watched_one_stops()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        Watch(actor);
        Sys.Stop(actor);
        Assert.True(ExpectTerminated(actor).ExistenceConfirmed);
    }

    [Fact]
    public void Who_watches_the_dead_should_be_told_at_once()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        var late = CreateTestProbe();
        late.Watch(actor);
        Assert.False(late.ExpectTerminated(actor).ExistenceConfirmed);
    }

    [Fact]
    public void Who_does_not_watch_any_more_should_not_be_told()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        var other = CreateTestProbe();
        Watch(actor);
        other.Watch(actor);
        Unwatch(actor);
        Sys.Stop(actor);
        other.ExpectTerminated(actor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void A_watcher_may_choose_the_message()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        Sys.ActorOf(Props.Create(() => new WatcherWith(actor, "it is gone", TestActor)));
        ExpectMsg("watching");
        Sys.Stop(actor);
        ExpectMsg("it is gone");
    }

    [Fact]
    public void A_watcher_that_does_not_handle_the_news_should_die_of_it()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        var pact = Sys.ActorOf(Props.Create(() => new Pact(actor, TestActor)));
        ExpectMsg("watching");
        Watch(pact);
        Sys.Stop(actor);
        ExpectTerminated(pact);
    }

    [Fact]
    public void The_name_of_a_dead_child_should_be_free_when_its_parent_hears_of_it()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Renamer(TestActor)));
        parent.Tell("start");
        ExpectMsg("started");
        parent.Tell("replace");
        ExpectMsg("started");
    }

    [Fact]
    public void A_name_in_use_should_be_refused()
    {
        Sys.ActorOf(Props.Create<Idle>(), "taken");
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create<Idle>(), "taken"));
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create<Idle>(), "with space"));
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create<Idle>(), ""));
    }

    [Fact]
    public async Task A_graceful_stop_should_end_when_the_actor_has()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(3)));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        actor.Tell("too late");
        ExpectMsg<DeadLetter>(letter => letter.Message is "too late" && letter.Recipient.Equals(actor));
    }

    [Fact]
    public void Mail_behind_a_poison_pill_should_be_dead_letters()
    {
        var actor = Sys.ActorOf(Props.Create<Idle>());
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        actor.Tell(PoisonPill.Instance);
        actor.Tell("behind");
        Assert.Equal("behind", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void A_message_that_nobody_handles_should_be_published()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Props.Create<Idle>());
        actor.Tell(1.5);
        var unhandled = ExpectMsg<UnhandledMessage>();
        Assert.Equal(1.5, unhandled.Message);
        Assert.Equal(actor, unhandled.Recipient);
    }

    [Fact]
    public void Children_should_stop_before_their_parent()
    {
        var order = CreateTestProbe();
        var parent = Sys.ActorOf(Props.Create(() => new Mourner("parent", 2, order.Ref)));
        order.ExpectMsg("parent started");
        Sys.Stop(parent);
        order.ExpectMsg("child stopped");
        order.ExpectMsg("parent stopped");
    }

    private sealed class Idle : ReceiveActor
    {
        public Idle() => Receive<int>(_ => { });
    }

    private sealed class WatcherWith : ReceiveActor
    {
        public WatcherWith(IActorRef watched, object message, IActorRef probe)
        {
            Context.WatchWith(watched, message);
            probe.Tell("watching");
            ReceiveAny(probe.Tell);
        }
    }

    private sealed class Pact : ReceiveActor
    {
        public Pact(IActorRef watched, IActorRef probe)
        {
            Context.Watch(watched);
            probe.Tell("watching");
            Receive<int>(_ => { });
        }
    }

    private sealed class Renamer : ReceiveActor
    {
        public Renamer(IActorRef probe)
        {
            Receive<string>(command => command == "start", _ => StartChild(probe));
            Receive<string>(_ => Context.Stop(Context.Child("child")));
            Receive<Terminated>(_ => StartChild(probe));
        }

        private static void StartChild(IActorRef probe)
        {
            Context.Watch(Context.ActorOf(Props.Create<Idle>(), "child"));
            probe.Tell("started");
        }
    }

    private sealed class Mourner : ReceiveActor
    {
        private readonly string _name;
        private readonly int _generations;
        private readonly IActorRef _probe;

        public Mourner(string name, int generations, IActorRef probe)
        {
            _name = name;
            _generations = generations;
            _probe = probe;
        }

        protected override void PreStart()
        {
            if (_generations == 1)
                return;
            Context.ActorOf(Props.Create(() => new Mourner("child", _generations - 1, _probe)));
            _probe.Tell(_name + " started");
        }

        protected override void PostStop() => _probe.Tell(_name + " stopped");
    }
}
