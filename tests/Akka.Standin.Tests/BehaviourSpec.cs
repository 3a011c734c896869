using Akka.Actor;
using Akka.Configuration;

namespace Akka.Standin.Tests;

public sealed class BehaviourSpec : TestKit.Xunit2.TestKit
{
    [Fact]
    public void The_first_handler_that_fits_should_handle()
    {
        var actor = Sys.ActorOf(Props.Create<Chooser>());
        actor.Tell("long enough");
        ExpectMsg("long string");
        actor.Tell("short");
        ExpectMsg("string");
        actor.Tell(7);
        ExpectMsg("number");
        actor.Tell(8);
        ExpectMsg("any Int32");
        actor.Tell(new ArgumentNullException());
        ExpectMsg("argument");
        actor.Tell(new InvalidOperationException());
        ExpectMsg("exception");
    }

    [Fact]
    public void Become_should_replace_and_BecomeStacked_should_be_taken_back()
    {
        var actor = Sys.ActorOf(Props.Create<Switch>());
        foreach (var (message, reply) in new[] { ("?", "first"), ("push", "pushed"), ("?", "second"), ("pop", "popped"), ("?", "first"), ("replace", "replaced"), ("?", "third") })
        {
            actor.Tell(message);
            ExpectMsg(reply);
        }
    }

    [Fact]
    public void An_asynchronous_handler_should_keep_the_next_message_waiting()
    {
        var actor = Sys.ActorOf(Props.Create<Slow>());
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        actor.Tell(gate.Task);
        actor.Tell("next");
        ExpectMsg("began");
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        gate.SetResult();
        ExpectMsg("ended for " + TestActor.Path);
        ExpectMsg("next");
    }

    [Fact]
    public void A_failed_asynchronous_handler_should_restart_the_actor()
    {
        var actor = Sys.ActorOf(Props.Create<Slow>());
        actor.Tell("count");
        ExpectMsg(1);
        actor.Tell(Task.FromException(new InvalidOperationException("boom")));
        ExpectMsg("began");
        actor.Tell("count");
        ExpectMsg(1);
    }

    [Fact]
    public void Registering_handlers_too_late_or_behind_a_catch_all_should_be_refused()
    {
        var actor = Sys.ActorOf(Props.Create<Late>());
        actor.Tell("now");
        ExpectMsg("InvalidOperationException");
        actor.Tell("any first");
        ExpectMsg("InvalidOperationException");
    }

    [Fact]
    public void Props_should_make_actors_by_type_by_arguments_by_expression_and_by_producer()
    {
        var text = "captured";
        var type = typeof(Named);
        foreach (var props in new[]
        {
            Props.Create(type, "captured"),
            Props.Create<Named>("captured"),
            Props.Create(() => new Named(text)),
            Props.Create(() => new Named(text.ToUpperInvariant())),
            Props.CreateBy(new Producer(text)),
        })
        {
            Sys.ActorOf(props).Tell("name");
            Assert.Equal("captured", ExpectMsg<string>(), ignoreCase: true);
        }
    }

    [Fact]
    public void A_selection_should_find_an_actor_by_its_path()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Named("found")), "here");
        Sys.ActorSelection("/user/here").Tell("name", TestActor);
        ExpectMsg("found");
        Sys.ActorSelection("/user/here").Tell(new Identify(1), TestActor);
        Assert.Equal(actor, ExpectMsg<ActorIdentity>().Subject);
        Sys.ActorSelection("/user/nowhere").Tell(new Identify(2), TestActor);
        Assert.Null(ExpectMsg<ActorIdentity>().Subject);
    }

    [Fact]
    public void A_path_should_tell_where_an_actor_is()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Named("x")), "here");
        Assert.Equal("akka://test/user/here", actor.Path.ToString());
        Assert.Equal(["user", "here"], actor.Path.Elements);
        Assert.Equal("here", actor.Path.Name);
        Assert.Equal(actor.Path, actor.Path.Parent / "here");
    }

    [Fact]
    public void A_fork_join_dispatcher_should_use_threads_of_its_own()
    {
        var sys = ActorSystem.Create("pools", ConfigurationFactory.ParseString("""
            few { type = ForkJoinDispatcher, throughput = 5, dedicated-thread-pool.thread-count = 2 }
            one { type = PinnedDispatcher }
            """).WithFallback(DefaultConfig));
        try
        {
            foreach (var name in new[] { "few", "one" })
            {
                sys.ActorOf(Props.Create<Threaded>().WithDispatcher(name)).Tell("pool?", TestActor);
                ExpectMsg(false);
            }

            sys.ActorOf(Props.Create<Threaded>()).Tell("pool?", TestActor);
            ExpectMsg(true);
            Assert.Throws<ConfigurationException>(() => sys.ActorOf(Props.Create<Threaded>().WithDispatcher("none")));
        }
        finally
        {
            Shutdown(sys);
        }
    }

    [Fact]
    public void A_mailbox_should_make_way_once_its_deadline_has_passed()
    {
        var sys = ActorSystem.Create("deadline", ConfigurationFactory.ParseString("""
            brief { type = ForkJoinDispatcher, throughput = 2147483647, throughput-deadline-time = 1 ms, dedicated-thread-pool.thread-count = 1 }
            """).WithFallback(DefaultConfig));
        try
        {
            sys.ActorOf(Props.Create<Endless>().WithDispatcher("brief")).Tell("go on", TestActor);
            sys.ActorOf(Props.Create<Threaded>().WithDispatcher("brief")).Tell("pool?", TestActor);
            ExpectMsg(false);
        }
        finally
        {
            Shutdown(sys);
        }
    }

    private sealed class Endless : UntypedActor
    {
        protected override void OnReceive(object message) => Self.Tell(message, Self);
    }

    private sealed class Chooser : ReceiveActor
    {
        public Chooser()
        {
            Receive<string>(text => Sender.Tell("long string"), text => text.Length > 5);
            Receive<string>(_ => Sender.Tell("string"));
            Receive<int>(number =>
            {
                if (number != 7)
                    return false;
                Sender.Tell("number");
                return true;
            });
            Receive<ArgumentException>(_ => Sender.Tell("argument"));
            Receive<Exception>(_ => Sender.Tell("exception"));
            ReceiveAny(message => Sender.Tell("any " + message.GetType().Name));
        }
    }

    private sealed class Switch : ReceiveActor
    {
        public Switch()
        {
            Receive<string>(m => m == "push", _ =>
            {
                BecomeStacked(() => Is("second"));
                Sender.Tell("pushed");
            });
            Is("first");
        }

        private void Is(string name)
        {
            Receive<string>(m => m == "?", _ => Sender.Tell(name));
            Receive<string>(m => m == "pop", _ =>
            {
                UnbecomeStacked();
                Sender.Tell("popped");
            });
            Receive<string>(m => m == "replace", _ =>
            {
                Become(() => Is("third"));
                Sender.Tell("replaced");
            });
        }
    }

    private sealed class Slow : ReceiveActor
    {
        private int _count;

        public Slow()
        {
            ReceiveAsync<Task>(async task =>
            {
                Sender.Tell("began");
                await task;
                Sender.Tell("ended for " + Sender.Path);
            });
            Receive<string>(m => m == "count", _ => Sender.Tell(++_count));
            Receive<string>(message => Sender.Tell(message));
        }
    }

    private sealed class Late : ReceiveActor
    {
        public Late() => Receive<string>(command =>
        {
            try
            {
                if (command == "now")
                    Receive<int>(_ => { });
                else
                    Become(AnyFirst);
            }
            catch (InvalidOperationException e)
            {
                Sender.Tell(e.GetType().Name);
            }
        });

        private void AnyFirst()
        {
            ReceiveAny(_ => { });
            Receive<int>(_ => { });
        }
    }

    private sealed class Named : ReceiveActor
    {
        public Named(string name) => Receive<string>(_ => Sender.Tell(name));
    }

    private sealed class Producer(string name) : IIndirectActorProducer
    {
        public Type ActorType => typeof(Named);

        public ActorBase Produce() => new Named(name);

        public void Release(ActorBase actor)
        {
        }
    }

    private sealed class Threaded : ReceiveActor
    {
        public Threaded() => Receive<string>(_ => Sender.Tell(Thread.CurrentThread.IsThreadPoolThread));
    }
}
