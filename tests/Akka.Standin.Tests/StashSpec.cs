using Akka.Actor;
using Akka.Event;

namespace Akka.Standin.Tests;

public sealed class StashSpec : TestKit.Xunit2.TestKit
{
    public StashSpec()
        : base("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
    {
    }

    [Fact]
    public void Unstashed_messages_should_come_before_the_mailbox_in_the_order_they_were_stashed()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        foreach (var message in new object[] { 1, 2, "open", 3 })
            actor.Tell(message);
        Assert.Equal(new object[] { 1, 2, 3 }, ReceiveN(3));
    }

    [Fact]
    public void Unstash_should_give_back_the_oldest_one()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        foreach (var message in new object[] { 1, 2, "one" })
            actor.Tell(message);
        ExpectMsg(1);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        actor.Tell("open");
        ExpectMsg(2);
    }

    [Fact]
    public void A_restart_should_unstash()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        foreach (var message in new object[] { 1, 2, "crash", 3, "open" })
            actor.Tell(message);
        Assert.Equal(new object[] { 1, 2, 3 }, ReceiveN(3));
    }

    [Fact]
    public void What_is_stashed_when_the_actor_stops_should_be_dead_letters()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        actor.Tell(1);
        actor.Tell(PoisonPill.Instance);
        Assert.Equal(1, ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void A_message_should_keep_its_sender_in_the_stash()
    {
        var probe = CreateTestProbe();
        var actor = Sys.ActorOf(Props.Create(() => new Gate(ActorRefs.Nobody)));
        probe.Send(actor, 1);
        actor.Tell("open");
        probe.ExpectMsg("got 1");
    }

    [Fact]
    public void A_message_should_not_be_stashed_twice()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        actor.Tell("twice");
        ExpectMsg("IllegalActorStateException");
    }

    private sealed class Gate : ReceiveActor, IWithUnboundedStash
    {
        public Gate(IActorRef probe)
        {
            Receive<int>(_ => Stash.Stash());
            Receive<string>(command =>
            {
                switch (command)
                {
                    case "one":
                        Become(() => Receive<int>(number =>
                        {
                            probe.Tell(number);
                            Closed(probe);
                        }));
                        Stash.Unstash();
                        break;
                    case "crash":
                        throw new InvalidOperationException(command);
                    case "twice":
                        Stash.Stash();
                        try
                        {
                            Stash.Stash();
                        }
                        catch (IllegalActorStateException e)
                        {
                            probe.Tell(e.GetType().Name);
                            Stash.ClearStash();
                        }

                        break;
                    default:
                        Open(probe);
                        break;
                }
            });
        }

        public IStash Stash { get; set; } = null!;

        private void Closed(IActorRef probe) => Become(() =>
        {
            Receive<int>(_ => Stash.Stash());
            Receive<string>(_ => Open(probe));
        });

        private void Open(IActorRef probe)
        {
            Become(() => Receive<int>(number =>
            {
                probe.Tell(number);
                if (probe.IsNobody())
                    Sender.Tell("got " + number);
            }));
            Stash.UnstashAll();
        }
    }
}
